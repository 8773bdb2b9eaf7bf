# The main thread of the system task's process: runs the work ($Work) in a runspace of its own and makes the deadlines fire
# even when nobody is connected. Set before this text: $Spool, $Boot, $Secrets, $RS, $US, $Nonce, $RunLimit (seconds), $MaxOutput (bytes).
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2
$out = Join-Path -Path $Spool -ChildPath 'out'
$stop = Join-Path -Path $Spool -ChildPath 'stop'
$Shared = [hashtable]::Synchronized(@{ Step = -1; Limit = 0; Soft = $true; Closed = $false; Stream = $null; MaxOutput = $MaxOutput })
$Shared.Stream = [System.IO.File]::Open($out, 'Append', 'Write', 'ReadWrite, Delete')

function Write-Last {
    $line = $RS + $Nonce
    foreach ($part in $args) {
        $line = $line + $US + ([string]$part).Replace('%', '%25').Replace("`n", '%0A').Replace("`r", '%0D')
    }
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($line + "`n")
    $Shared.Stream.Write($bytes, 0, $bytes.Length)
    $Shared.Stream.Flush()
}

# Every process that this one began, and those began by them.
function Stop-Children {
    $all = @(Get-CimInstance -ClassName Win32_Process -Property ProcessId, ParentProcessId, CreationDate)
    $own = @($all | Where-Object -FilterScript { $_.ProcessId -eq $PID })
    $found = @($own)
    while ($found.Count -gt 0) {
        $next = @()
        foreach ($parent in $found) {
            $next += @($all | Where-Object -FilterScript {
                $_.ParentProcessId -eq $parent.ProcessId -and $_.CreationDate -ge $parent.CreationDate -and $_.ProcessId -ne $PID
            })
        }
        foreach ($child in $next) {
            Stop-Process -Id $child.ProcessId -Force -ErrorAction SilentlyContinue
        }
        $found = $next
    }
}

# The last word stands last: from here on the work's own words are dropped.
function Stop-Work {
    param([string]$Reason, [string]$Detail)
    $entered = [System.Threading.Monitor]::TryEnter($Shared.SyncRoot, 5000)
    # Writing into the table takes the same lock: where a writer holds it for good, the last word must still come.
    if ($entered) {
        $Shared.Closed = $true
        [System.Threading.Monitor]::Exit($Shared.SyncRoot)
    }
    try {
        Stop-Children
    }
    catch {
        $null = $_
    }
    $up = ([System.Diagnostics.Stopwatch]::GetTimestamp() / [System.Diagnostics.Stopwatch]::Frequency)
    $seconds = $up.ToString('F2', [System.Globalization.CultureInfo]::InvariantCulture)
    if ($Shared.Step -ge 0) {
        Write-Last E $Shared.Step failed $Detail $seconds ''
    }
    Write-Last Z $Reason $Shared.Step $Detail
}

# The task goes with the process; the folder waits for the controller, or for the next run. Nothing of the work outlives this.
function Complete-Work {
    $Shared.Stream.Dispose()
    try {
        $service = New-Object -ComObject Schedule.Service
        $service.Connect()
        $service.GetFolder('\').DeleteTask((Split-Path -Path $Spool -Leaf), 0)
    }
    catch {
        $null = $_
    }
    [Environment]::Exit(0)
}

# The mark can be made once. Whoever waits for it makes it when he gives up: then this fails, and nothing begins.
$began = (Get-Process -Id $PID).StartTime.ToFileTime()
$text = [System.Text.Encoding]::ASCII.GetBytes("$PID $began $Boot")
$mark = [System.IO.File]::Open((Join-Path -Path $Spool -ChildPath 'worker'), 'CreateNew', 'Write', 'None')
$mark.Write($text, 0, $text.Length)
$mark.Dispose()
$runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace()
$runspace.ThreadOptions = 'ReuseThread'
$runspace.Open()
$runspace.SessionStateProxy.SetVariable('MspctlShared', $Shared)
$runspace.SessionStateProxy.SetVariable('MspctlSpool', $Spool)
# They are in no script: Windows may be told to log those.
$runspace.SessionStateProxy.SetVariable('MspctlSecrets', $Secrets)
$shell = [System.Management.Automation.PowerShell]::Create()
$shell.Runspace = $runspace
$null = $shell.AddScript($Work.ToString())
$running = $shell.BeginInvoke()
$watch = [System.Diagnostics.Stopwatch]::StartNew()
$last = -1
$since = 0
while (-not $running.AsyncWaitHandle.WaitOne(1000)) {
    $now = $watch.Elapsed.TotalSeconds
    if ($Shared.Step -ne $last) {
        $last = $Shared.Step
        $since = $now
    }
    if ([System.IO.File]::Exists($stop) -and $Shared.Soft) {
        Stop-Work -Reason cancelled -Detail 'stopped on request'
        Complete-Work
    }
    if ($Shared.Stream.Length -gt $MaxOutput) {
        Stop-Work -Reason max-output -Detail "printed more than $MaxOutput bytes"
        Complete-Work
    }
    if ($now -ge $RunLimit) {
        Stop-Work -Reason run-timeout -Detail "the run's time limit of $RunLimit s was reached"
        Complete-Work
    }
    if ($last -ge 0 -and $now - $since -ge $Shared.Limit) {
        Stop-Work -Reason step-timeout -Detail ('the step''s time limit of ' + $Shared.Limit + ' s was reached')
        Complete-Work
    }
}
try {
    $null = $shell.EndInvoke($running)
}
catch {
    # Without a last word from the work itself the controller says that it was interrupted, and this is why.
    $text = [System.Text.Encoding]::UTF8.GetBytes('the worker failed: ' + $_.Exception.Message + "`n")
    $Shared.Stream.Write($text, 0, $text.Length)
}
Complete-Work
