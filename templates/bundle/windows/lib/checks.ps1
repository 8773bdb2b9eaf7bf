# Runs the checks that a module declares under `checks` in its module.yml. Set by the module: $failOn (high, medium, low or never),
# $waived (ids that somebody answers for) and $remediate (ids whose remedy is asked for). Each check is a function See-<Id> that says at least one of:
#   Good             looked at, and as it should be
#   Bad EVIDENCE     not as it should be; may be said several times
#   Unseen WHY       it could not be measured, which is never good
#   Absent WHY       there is nothing here that the check is about
# A check that says nothing, or throws, was not measured, either. Where there is a function Mend-<Id>, it applies the remedy, or
# throws. The outcome is what the check says afterwards.
$MspctlChecks = @{ Is = ''; Evidence = @(); Why = ''; Counts = @{}; Failing = @(); Blind = @(); ToMend = @(); Stuck = @(); Spared = @(); Trouble = @() }

function Invoke-Checks {
    $MspctlChecks.Counts = @{ good = 0; bad = 0; unmeasured = 0; 'not-applicable' = 0; waived = 0 }
    $MspctlChecks.Failing = @()
    $MspctlChecks.Blind = @()
    $MspctlChecks.ToMend = @()
    $MspctlChecks.Stuck = @()
    $MspctlChecks.Spared = @()
    if ($MspctlState.Phase -ne 'after') {
        $MspctlChecks.Trouble = @()
    }
    Invoke-DeclaredCheck
    $counts = $MspctlChecks.Counts
    Metric checks.run ($counts.good + $counts.bad + $counts.unmeasured + $counts['not-applicable'])
    Metric checks.good $counts.good
    Metric checks.bad $counts.bad
    Metric checks.unmeasured $counts.unmeasured
    Metric checks.not_applicable $counts['not-applicable']
    Metric checks.waived $counts.waived
    $words = '{0} good, {1} bad, {2} not measured, {3} not applicable' -f $counts.good, $counts.bad, $counts.unmeasured, $counts['not-applicable']
    if ($counts.waived -gt 0) {
        $words = $words + ', of these ' + $counts.waived + ' waived'
    }
    if ($MspctlChecks.Spared.Count -gt 0) {
        $words = $words + '; waived, so not remedied: ' + ($MspctlChecks.Spared -join ', ')
    }
    # What is to be remedied is judged by the look after that.
    if ($MspctlChecks.ToMend.Count -gt 0) {
        return
    }
    $wrong = @()
    if ($MspctlChecks.Stuck.Count -gt 0) {
        $stuck = 'asked to be remedied and still bad: ' + ($MspctlChecks.Stuck -join ', ')
        if ($MspctlChecks.Trouble.Count -gt 0) {
            $stuck = $stuck + ' (' + ($MspctlChecks.Trouble -join '; ') + ')'
        }
        $wrong += $stuck
    }
    if ($MspctlChecks.Failing.Count -gt 0) {
        $wrong += 'bad: ' + ($MspctlChecks.Failing -join ', ')
    }
    if ($MspctlChecks.Blind.Count -gt 0) {
        $wrong += 'not measured: ' + ($MspctlChecks.Blind -join ', ')
    }
    if ($wrong.Count -gt 0) {
        Failed ((@($words) + $wrong) -join '; ')
    }
    else {
        Ok $words
    }
}

# Words: severity, title, reference, remedy.
function Invoke-Check {
    param([string]$Id, [string[]]$Words, [scriptblock]$Look, [scriptblock]$Mend = $null)
    $MspctlChecks.Is = ''
    $MspctlChecks.Evidence = @()
    $MspctlChecks.Why = ''
    try {
        & $Look
    }
    catch {
        Unseen $_.Exception.Message
    }
    $state = $MspctlChecks.Is
    if (-not $state) {
        $state = 'unmeasured'
        $MspctlChecks.Why = 'the check said nothing'
    }
    $MspctlChecks.Counts[$state] = $MspctlChecks.Counts[$state] + 1
    Fact "check.$Id" $state
    if ($state -eq 'bad') {
        $evidence = @($MspctlChecks.Evidence | Select-Object -First 10) -join '; '
        if ($MspctlChecks.Evidence.Count -gt 10) {
            $evidence = $evidence + '; and ' + ($MspctlChecks.Evidence.Count - 10) + ' more'
        }
        Write-CheckFinding -Id $Id -State bad -Words $Words -Reason ($Words[1] + ': ' + $evidence) -Evidence $evidence
        if (Test-Asked -Id $Id) {
            Add-Remedy -Id $Id -Title $Words[1] -Mend $Mend
        }
        elseif (Test-Failing -Id $Id -Severity $Words[0]) {
            $MspctlChecks.Failing += $Id
        }
    }
    elseif ($state -eq 'unmeasured') {
        Write-CheckFinding -Id $Id -State unmeasured -Words $Words -Reason ('not measured: ' + $Words[1] + ': ' + $MspctlChecks.Why) -Evidence $MspctlChecks.Why
        if ((Test-Asked -Id $Id) -or (Test-Failing -Id $Id -Severity $Words[0])) {
            $MspctlChecks.Blind += $Id
        }
    }
}

# Whether its remedy is asked for. Of what is waived none is applied.
function Test-Asked {
    param([string]$Id)
    if ($remediate -notcontains $Id) {
        return $false
    }
    if ($waived -contains $Id) {
        $MspctlChecks.Spared += $Id
        return $false
    }
    return $true
}

function Add-Remedy {
    param([string]$Id, [string]$Title, [scriptblock]$Mend)
    if ($MspctlState.Phase -eq 'after') {
        $MspctlChecks.Stuck += $Id
    }
    elseif ($null -eq $Mend) {
        $MspctlChecks.Stuck += $Id
        $MspctlChecks.Trouble += "nobody can remedy $Id but people"
    }
    else {
        $MspctlChecks.ToMend += @{ Id = $Id; Mend = $Mend }
        Needed "check:$Id" "title=$Title"
    }
}

# Invoke-Remedies: applies what was asked for.
function Invoke-Remedies {
    $done = @()
    foreach ($each in $MspctlChecks.ToMend) {
        try {
            $mend = $each.Mend
            $null = & $mend
            Changed ('check:' + $each.Id)
            $done += $each.Id
        }
        catch {
            $MspctlState.Said = $true
            $MspctlChecks.Trouble += $each.Id + ': ' + $_.Exception.Message
        }
    }
    $text = 'remedied: ' + ($done -join ', ')
    if ($MspctlChecks.Spared.Count -gt 0) {
        $text = $text + '; waived, so not remedied: ' + ($MspctlChecks.Spared -join ', ')
    }
    Ok $text
}

function Write-CheckFinding {
    param([string]$Id, [string]$State, [string[]]$Words, [string]$Reason, [string]$Evidence)
    $fields = @("state=$State", ('severity=' + $Words[0]), ('title=' + $Words[1]), "reason=$Reason", "evidence=$Evidence", ('remedy=' + $Words[3]))
    if ($Words[2]) {
        $fields += 'reference=' + $Words[2]
    }
    if ($waived -contains $Id) {
        $MspctlChecks.Counts.waived = $MspctlChecks.Counts.waived + 1
        $fields += 'waived=yes'
    }
    Finding "check:$Id" @fields
}

# What is waived fails nothing.
function Test-Failing {
    param([string]$Id, [string]$Severity)
    $ranks = @{ low = 1; medium = 2; high = 3; never = 4 }
    return $waived -notcontains $Id -and $ranks[$Severity] -ge $ranks[$failOn]
}

function Good {
    if (-not $MspctlChecks.Is) {
        $MspctlChecks.Is = 'good'
    }
}

# Whoever could not look everywhere has still seen this.
function Bad {
    param([string]$Evidence)
    $MspctlChecks.Is = 'bad'
    $MspctlChecks.Evidence += $Evidence
}

function Unseen {
    param([string]$Why)
    if ($MspctlChecks.Is -ne 'bad') {
        $MspctlChecks.Is = 'unmeasured'
    }
    if (-not $MspctlChecks.Why) {
        $MspctlChecks.Why = $Why
    }
}

function Absent {
    param([string]$Why)
    if (-not $MspctlChecks.Is) {
        $MspctlChecks.Is = 'not-applicable'
        $MspctlChecks.Why = $Why
    }
}

# Read-Setting: a value of the registry, nothing if the key or the value is not there.
function Read-Setting {
    param([string]$Key, [string]$Name)
    if (Test-Path -LiteralPath $Key) {
        return (Get-Item -LiteralPath $Key).GetValue($Name, $null)
    }
}

# Set-Setting: a number in the registry; missing keys are made.
function Set-Setting {
    param([string]$Key, [string]$Name, [int]$Value)
    if (-not (Test-Path -LiteralPath $Key)) {
        $null = New-Item -Path $Key -Force
    }
    $null = New-ItemProperty -LiteralPath $Key -Name $Name -PropertyType DWord -Value $Value -Force
}

# Clear-Setting: takes a value away, if it is there.
function Clear-Setting {
    param([string]$Key, [string]$Name)
    if ($null -ne (Read-Setting -Key $Key -Name $Name)) {
        Remove-ItemProperty -LiteralPath $Key -Name $Name
    }
}

# Judge-Setting: good if the value is among the wanted ones; Default is what Windows goes by where there is none.
function Judge-Setting {
    param([string]$Key, [string]$Name, [int[]]$Wanted, [int]$Default)
    $value = Read-Setting -Key $Key -Name $Name
    if ($null -eq $value) {
        if ($Wanted -contains $Default) {
            Good
        }
        else {
            Bad "$Name is not set, which counts as $Default"
        }
    }
    elseif ($Wanted -contains $value) {
        Good
    }
    else {
        Bad "$Name is $value"
    }
}
