# For `mspctl dev capture`: what the commands that a step calls answer, told when the step is over. What is no command is
# the business of watch.ps1.
$MspctlRecord = @{ Real = @{}; Calls = (New-Object -TypeName System.Collections.ArrayList); Members = @(); Types = @{}; New = $null }

# Start-Record: from here on those of the names that are commands here answer through a recorder. Of objects only the members
# of these names are kept. Types: see Start-Watch. Environment: the variables that the step reads.
function Start-Record {
    param([string[]]$Names, [string[]]$Members, $Types, [string[]]$Environment)
    $MspctlRecord.Members = $Members
    $MspctlRecord.New = Get-Command -Name New-Object
    Start-Watch -Types $Types
    foreach ($name in $Environment) {
        $node = Add-Source -Kind environment -Line $name
        $node.Is = [Environment]::GetEnvironmentVariable($name)
        # Windows has its zone elsewhere.
        if ($name -eq 'TZ') {
            $node.Is = [TimeZoneInfo]::Local.Id
        }
    }
    foreach ($name in $Names) {
        $command = Get-Command -Name $name -ErrorAction SilentlyContinue | Select-Object -First 1
        # Functions of no module are ours.
        if ($null -ne $command -and $command.ModuleName) {
            $MspctlRecord.Real[$name] = $command
        }
    }
    # Only then: Get-Command may be one of them.
    foreach ($name in @($MspctlRecord.Real.Keys)) {
        Set-Item -Path "function:global:$name" -Value ${function:Invoke-Recorded}
    }
}

function Invoke-Recorded {
    $real = $MspctlRecord.Real[$MyInvocation.MyCommand.Name]
    $call = @{ line = (Format-Call -Name $MyInvocation.MyCommand.Name -Words $args) }
    $null = $MspctlRecord.Calls.Add($call)
    try {
        if ($MyInvocation.ExpectingInput) {
            $found = @($input | & $real @args)
        }
        else {
            $found = @(& $real @args)
        }
    }
    catch {
        $call.error = $_.Exception.Message
        $call.id = $_.FullyQualifiedErrorId
        $call.hresult = $_.Exception.GetBaseException().HResult
        throw
    }
    $note = @{ Is = $null }
    if ($found.Count -gt 0 -and (Test-Key -Value $found[0])) {
        $found = Get-Watched -Value $found -Note $note
        $call.objects = $note.Is
    }
    else {
        $call.objects = @($found | ForEach-Object -Process { Copy-Recorded -Value $_ -Depth 3 })
    }
    return $found
}

# A key of the registry has its values by methods.
function Test-Key {
    param($Value)
    return $Value -is [Microsoft.Win32.RegistryKey]
}

# A call as examples write it.
function Format-Call {
    param([string]$Name, $Words)
    $parts = @($Name)
    $skip = $false
    foreach ($word in $Words) {
        # How errors are shown is no part of what is asked.
        if ($skip) {
            $skip = $false
            continue
        }
        if ($word -is [string] -and '-ErrorAction', '-WarningAction' -contains $word) {
            $skip = $true
            continue
        }
        $texts = @($word | ForEach-Object -Process {
            $text = [string]$_
            if ($_ -is [bool]) {
                $text = '$' + $text.ToLowerInvariant()
            }
            elseif ($_ -isnot [string] -and $_ -isnot [ValueType]) {
                $text = '<object>'
            }
            elseif ($text -match '^-\w+:$') {
                $text = $text.TrimEnd(':')
            }
            elseif ($text -notmatch '^[\w.:\\/@+-]+$') {
                $text = "'" + $text.Replace("'", "''") + "'"
            }
            $text
        })
        $parts += $texts -join ','
    }
    return $parts -join ' '
}

# What of an object goes into an example: the members that the module asks for.
function Copy-Recorded {
    param($Value, [int]$Depth)
    # Text that looks like a time is told from one.
    if ($Value -is [string] -and $Value -match '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$') {
        return @{ text = $Value }
    }
    if ($null -eq $Value -or $Value -is [bool] -or $Value -is [string]) {
        return $Value
    }
    if ($Value -is [DateTime]) {
        if ($Value.Kind -eq 'Local') {
            $Value = $Value.ToUniversalTime()
        }
        return $Value.ToString('yyyy-MM-ddTHH:mm:ss')
    }
    if ($Value -is [Enum]) {
        return [string]$Value
    }
    if ($Value -is [ValueType] -or $Depth -eq 0) {
        return $Value
    }
    if ($Value -is [array]) {
        return , @($Value | ForEach-Object -Process { Copy-Recorded -Value $_ -Depth ($Depth - 1) })
    }
    $kept = @{}
    foreach ($member in $Value.PSObject.Properties) {
        if ($MspctlRecord.Members -contains $member.Name) {
            $kept[$member.Name] = Copy-Recorded -Value $member.Value -Depth ($Depth - 1)
        }
    }
    return $kept
}

# A line for each call: `json`, and the call in JSON in base64.
function Write-Record {
    foreach ($call in $MspctlRecord.Calls) {
        $text = ConvertTo-Json -InputObject $call -Depth 60 -Compress
        Write-Line -Text ('json ' + [Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($text)))
    }
    Fact os_id $os_id
    Fact os_version $os_version
    Fact now ([DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ss'))
    Fact computer $env:COMPUTERNAME
    Fact domain $env:USERDOMAIN
    Fact spool (Split-Path -Path $MspctlSpool -Leaf)
}
