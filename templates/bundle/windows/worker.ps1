# What runs the steps, in a runspace of the system task's process; finish.ps1 watches over it. Set before this text: $MspctlRS,
# $MspctlUS (control characters), $MspctlNonce, $MspctlSpool, $MspctlCheckMode, $MspctlFirstStep, $MspctlLockWait (seconds), $MspctlExclusive, $MspctlOwner, $MspctlKeptLines (what
# steps before a reboot kept), $MspctlStatuses (of steps before the first), $MspctlShared (the output, and where the work stands), $MspctlSecrets (lines, from the second on a secret each).
# After it: the libraries, then the list of steps.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'Continue'
Set-StrictMode -Version 2
[System.Threading.Thread]::CurrentThread.CurrentCulture = [System.Globalization.CultureInfo]::InvariantCulture
[System.Threading.Thread]::CurrentThread.CurrentUICulture = [System.Globalization.CultureInfo]::GetCultureInfo('en-US')
$MspctlState = @{
    Step = -1; Phase = ''; Verdict = ''; Why = ''; Needs = $null; Said = $false; Status = ''; Stopped = ''
    AnyFailed = ''; Left = $false; Lock = $null; Verify = $true; Kept = @{}; Guard = ''
}

function Write-Line {
    param([string]$Text)
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($Text + "`n")
    [System.Threading.Monitor]::Enter($MspctlShared.SyncRoot)
    try {
        if (-not $MspctlShared.Closed) {
            $MspctlShared.Stream.Write($bytes, 0, $bytes.Length)
            $MspctlShared.Stream.Flush()
        }
    }
    finally {
        [System.Threading.Monitor]::Exit($MspctlShared.SyncRoot)
    }
}

# Write-Frame VERB FIELD...: one framed statement for the controller.
function Write-Frame {
    $line = $MspctlRS + $MspctlNonce
    foreach ($part in $args) {
        $text = ([string]$part).Replace('%', '%25').Replace("`n", '%0A').Replace("`r", '%0D')
        $line = $line + $MspctlUS + $text.Replace($MspctlUS, '%1F').Replace($MspctlRS, '%1E')
    }
    Write-Line -Text $line
}

function Get-Up {
    $seconds = [System.Diagnostics.Stopwatch]::GetTimestamp() / [System.Diagnostics.Stopwatch]::Frequency
    return $seconds.ToString('F2', [System.Globalization.CultureInfo]::InvariantCulture)
}

# What a step may say. Verdicts of Check: Ok, Needed, Unknown, Skipped, HeldBack, Failed.
function Ok {
    param([string]$Why = '')
    Set-Verdict -Verdict ok -Why $Why
}

# Needed WHAT [NAME=VALUE ...]
function Needed {
    $what = @($args)
    $why = ''
    if ($what.Count -gt 0) {
        $why = [string]$what[0]
    }
    Set-Verdict -Verdict needed -Why $why
    $null = $MspctlState.Needs.Add($what)
    if ($MspctlCheckMode -and $MspctlState.Phase -eq 'before') {
        Write-Frame R change @what
    }
}

function Unknown {
    param([string]$Why = '')
    Set-Verdict -Verdict unknown -Why $Why
}

function Skipped {
    param([string]$Why = '')
    Set-Verdict -Verdict skipped -Why $Why
}

function HeldBack {
    param([string]$Why = '')
    Set-Verdict -Verdict held -Why $Why
}

function Failed {
    param([string]$Why = '')
    Set-Verdict -Verdict failed -Why $Why
}

function Set-Verdict {
    param([string]$Verdict, [string]$Why)
    if ($MspctlState.Verdict -eq 'failed') {
        return
    }
    if ($Verdict -eq $MspctlState.Verdict) {
        if (-not $MspctlState.Why) {
            $MspctlState.Why = $Why
        }
        return
    }
    $stronger = @{ needed = @('ok', 'unknown'); unknown = @('ok') }
    if ($Verdict -eq 'failed' -or -not $MspctlState.Verdict -or @($stronger[$Verdict]) -contains $MspctlState.Verdict) {
        $MspctlState.Verdict = $Verdict
        $MspctlState.Why = $Why
    }
}

# Changed WHAT [NAME=VALUE ...]: something on the host is not as it was.
function Changed {
    $MspctlState.Said = $true
    Write-Frame R change @args
}

# Fact NAME VALUE, Metric NAME VALUE; Finding, Held, Note NAME [NAME=VALUE ...]
function Fact {
    Write-Frame R fact @args
}

function Metric {
    Write-Frame R metric @args
}

function Finding {
    Write-Frame R finding @args
}

function Held {
    Write-Frame R held @args
}

function Note {
    Write-Frame R note @args
}

# Keep NAME VALUE: for a later step of this run, which asks by Kept NAME, also after a reboot. VALUE becomes one line.
function Keep {
    param([string]$Name, [string]$Value)
    $line = $Value.Replace("`r", '').Replace("`n", ' ')
    $MspctlState.Kept[$Name] = $line
    Write-Frame R kept $Name $line
}

# Kept NAME: what was kept last under this name, $null if nothing was.
function Kept {
    param([string]$Name)
    return $MspctlState.Kept[$Name]
}

# What a step prints beside its statements: text, errors and warnings, line by line.
function Write-Said {
    param($Item)
    if ($Item -is [System.Management.Automation.ErrorRecord]) {
        Write-Line -Text $Item.Exception.Message
    }
    elseif ($Item -is [System.Management.Automation.WarningRecord]) {
        Write-Line -Text ('WARNING: ' + $Item.Message)
    }
    elseif ($Item -is [string]) {
        Write-Line -Text $Item
    }
    else {
        Write-Line -Text (Out-String -InputObject $Item -Width 200).TrimEnd()
    }
}

# The two halves of a step.
function Invoke-Halves {
    $MspctlState.Phase = 'before'
    Check
    if (-not $MspctlState.Verdict) {
        Failed 'the check gave no verdict'
    }
    switch ($MspctlState.Verdict) {
        'ok' { Complete-Step -Status ok -Forecast no-change; return }
        'skipped' { Complete-Step -Status skipped -Forecast no-change; return }
        'held' { Complete-Step -Status held -Forecast no-change; return }
        'failed' { Complete-Step -Status failed -Forecast unknown; return }
    }
    if ($MspctlCheckMode) {
        if ($MspctlState.Verdict -eq 'needed') {
            Complete-Step -Status changed -Forecast change
        }
        else {
            Complete-Step -Status skipped -Forecast unknown
        }
        return
    }
    Invoke-Apply
}

# Check and Apply see the variables of whoever calls them: those of the frame have names that no module uses.
function Invoke-Apply {
    $MspctlState.Phase = 'apply'
    $mspctl_wanted = $MspctlState.Why
    $mspctl_todo = @($MspctlState.Needs.ToArray())
    $MspctlState.Verdict = ''
    $MspctlState.Why = ''
    Apply
    if ('failed', 'held', 'skipped' -contains $MspctlState.Verdict) {
        Complete-Step -Status $MspctlState.Verdict
        return
    }
    if ($MspctlState.Verdict -eq 'ok' -and -not $MspctlState.Said) {
        Complete-Step -Status ok
        return
    }
    $mspctl_result = $MspctlState.Why
    if ($MspctlState.Verify) {
        $MspctlState.Phase = 'after'
        $MspctlState.Verdict = ''
        $MspctlState.Why = ''
        Write-Frame C
        Check
        if ($MspctlState.Verdict -eq 'needed') {
            Failed ('still needed after the change: ' + $MspctlState.Why)
        }
        if (-not $MspctlState.Verdict) {
            Failed 'the check gave no verdict after the change'
        }
        if ($MspctlState.Verdict -eq 'failed') {
            Complete-Step -Status failed
            return
        }
    }
    if (-not $MspctlState.Said) {
        foreach ($mspctl_what in $mspctl_todo) {
            Changed @mspctl_what
        }
    }
    $MspctlState.Why = $mspctl_wanted
    if ($mspctl_result) {
        $MspctlState.Why = $mspctl_result
    }
    Complete-Step -Status changed
}

function Complete-Step {
    param([string]$Status, [string]$Forecast = '')
    $MspctlState.Status = $Status
    Write-Frame E $MspctlState.Step $Status $MspctlState.Why (Get-Up) $Forecast
}

# One step of the list. Guard gives the reason why the step does not apply, nothing if it does; Body defines Check and Apply.
function Invoke-Step {
    param(
        [int]$Index, [int]$Limit, [string]$OnFailure, [bool]$Verify, [bool]$Soft, [scriptblock]$Guard, [scriptblock]$Body
    )
    if ($MspctlState.Left) {
        return
    }
    $stop = Join-Path -Path $MspctlSpool -ChildPath 'stop'
    if (-not $MspctlState.Stopped -and [System.IO.File]::Exists($stop)) {
        $MspctlState.Stopped = 'cancelled'
    }
    $MspctlState.Step = $Index
    if ($MspctlState.Stopped) {
        Write-Frame S $Index (Get-Up)
        Write-Frame E $Index skipped ('not reached: ' + $MspctlState.Stopped) (Get-Up) ''
        return
    }
    $reason = [string](& $Guard)
    if ($MspctlExclusive -and -not $reason -and $null -eq $MspctlState.Lock) {
        Lock-Host
        if ($MspctlState.Left) {
            return
        }
    }
    $MspctlShared.Limit = $Limit
    $MspctlShared.Soft = $Soft
    $MspctlShared.Step = $Index
    Write-Frame S $Index (Get-Up)
    if ($reason) {
        Write-Frame E $Index skipped ('condition not met: ' + $reason) (Get-Up) 'no-change'
        $MspctlStatuses[$Index] = 'skipped'
        return
    }
    $MspctlState.Verdict = ''
    $MspctlState.Why = ''
    $MspctlState.Said = $false
    $MspctlState.Status = ''
    $MspctlState.Needs = New-Object -TypeName System.Collections.ArrayList
    $MspctlState.Verify = $Verify
    try {
        & {
            . $Body
            Invoke-Halves
        } *>&1 | ForEach-Object -Process { Write-Said -Item $_ }
    }
    catch {
        if (-not $MspctlState.Status) {
            $MspctlState.Verdict = ''
            Failed ($_.Exception.Message + ' (line ' + $_.InvocationInfo.ScriptLineNumber + ': ' + $_.InvocationInfo.Line.Trim() + ')')
            Complete-Step -Status failed -Forecast unknown
        }
    }
    if (-not $MspctlState.Status) {
        Failed 'the step ended without a verdict'
        Complete-Step -Status failed -Forecast unknown
    }
    $MspctlStatuses[$Index] = $MspctlState.Status
    if ($MspctlState.Status -eq 'failed') {
        $MspctlState.AnyFailed = '1'
        if ($OnFailure -ne 'continue') {
            $MspctlState.Stopped = 'step ' + ($Index + 1) + ' failed'
        }
    }
}

# After a reboot step that found a reboot due, the rest waits for the host to be back.
function Stop-AtReboot {
    param([int]$Index)
    if ($MspctlState.Left -or $MspctlState.Stopped -or $MspctlCheckMode) {
        return
    }
    if ($MspctlStatuses[$Index] -eq 'changed') {
        Write-Frame Z reboot $Index
        $MspctlState.Left = $true
    }
}

# Windows lets go of the file with the process, whatever becomes of it.
function Lock-Host {
    $path = Join-Path -Path (Split-Path -Path $MspctlSpool -Parent) -ChildPath 'lock'
    $stop = Join-Path -Path $MspctlSpool -ChildPath 'stop'
    $waited = 0
    while ($null -eq $MspctlState.Lock) {
        try {
            $MspctlState.Lock = [System.IO.File]::Open($path, 'OpenOrCreate', 'ReadWrite', 'Read')
        }
        catch [System.IO.IOException] {
            if ($waited -ge $MspctlLockWait -or [System.IO.File]::Exists($stop)) {
                Write-Frame Z locked (Read-LockOwner -Path $path)
                $MspctlState.Left = $true
                return
            }
            Start-Sleep -Seconds 1
            $waited = $waited + 1
        }
    }
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($MspctlOwner)
    $MspctlState.Lock.SetLength(0)
    $MspctlState.Lock.Write($bytes, 0, $bytes.Length)
    $MspctlState.Lock.Flush()
}

function Read-LockOwner {
    param([string]$Path)
    try {
        $file = [System.IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
        $reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $file
        $text = $reader.ReadToEnd().Trim()
        $reader.Dispose()
        if ($text) {
            return $text
        }
    }
    catch {
        $null = $_
    }
    return 'somebody'
}

$windows = Get-ItemProperty -LiteralPath 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
$os_id = 'windows'
if ($windows.InstallationType -ne 'Client') {
    $os_id = 'windows-server'
}
$os_version = [string]$windows.CurrentBuild
$os_family = 'windows'
$pkg = 'windows-update'
$init = 'scm'
foreach ($line in ($MspctlKeptLines -split "`n")) {
    if ($line.Contains('=')) {
        $MspctlState.Kept[$line.Substring(0, $line.IndexOf('='))] = $line.Substring($line.IndexOf('=') + 1)
    }
}
Write-Frame B $MspctlFirstStep (Get-Up) $os_id $os_version $pkg $init
