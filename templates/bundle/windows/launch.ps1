# The program that mspctl puts on the stdin of PowerShell on Windows: starts the worker once, or finds it again, and
# follows its output. Set before this text: $Control (the rest of stdin, line by line), $RS, $US (control characters),
# $Nonce, $SpoolName, $Offset (bytes the controller has), $Mode (start, attach, cancel), $NotBoot (refuse to start on
# this boot id), $Gone (names of earlier spools that nobody will ask for), $KeepDays (how long others are kept), $MaxSent
# (bytes), $RunLimit, $FirstWait, $LaterWait (seconds). In start mode the worker's text follows on stdin.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Set-StrictMode -Version 2
$stdout = New-Object -TypeName System.IO.BufferedStream -ArgumentList ([Console]::OpenStandardOutput()), 131072
$root = Join-Path -Path ([Environment]::GetFolderPath('CommonApplicationData')) -ChildPath 'mspctl'
$spool = Join-Path -Path $root -ChildPath $SpoolName
$keep = [System.IO.FileShare]'ReadWrite, Delete'
$at = @{ Offset = [long]$Offset; Guard = $null; Why = '' }

# Add-Word WORD...: one framed statement, sent with what comes after it; Say sends it now.
function Add-Word {
    $line = $RS + $Nonce + $US + '@'
    foreach ($part in $args) {
        $line = $line + $US + ([string]$part -replace '[\x00-\x1f]+', ' ')
    }
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($line + "`n")
    $stdout.Write($bytes, 0, $bytes.Length)
}

function Say {
    Add-Word @args
    $stdout.Flush()
}

# The time of the boot, as it was first seen in this boot: the clock may be set meanwhile, and the time that Windows
# reckons moves with it. A volatile key of the registry is gone with the boot.
function Get-BootId {
    $now = [string](Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToFileTime()
    try {
        $whole = [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree
        $volatile = [Microsoft.Win32.RegistryOptions]::Volatile
        $key = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SOFTWARE\mspctl-boot', $whole, $volatile)
        $first = $key.GetValue('first')
        if ($null -eq $first) {
            $key.SetValue('first', $now)
            $first = $now
        }
        $key.Close()
        return [string]$first
    }
    catch {
        return $now
    }
}

function Test-Administrator {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object -TypeName System.Security.Principal.WindowsPrincipal -ArgumentList $identity
    return $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

# Everybody may make folders in ProgramData: ours must belong to the administrators or to the system, let nobody else in
# and lead nowhere else.
function New-SpoolRoot {
    $acl = New-Object -TypeName System.Security.AccessControl.DirectorySecurity
    $acl.SetAccessRuleProtection($true, $false)
    foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') {
        $who = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $sid
        $rule = New-Object -TypeName System.Security.AccessControl.FileSystemAccessRule -ArgumentList @(
            $who, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow'
        )
        $acl.AddAccessRule($rule)
        $acl.SetOwner($who)
    }
    $folder = [System.IO.Directory]::CreateDirectory($root, $acl)
    $found = $folder.GetAccessControl()
    $owner = $found.GetOwner([System.Security.Principal.SecurityIdentifier]).Value
    if ('S-1-5-18', 'S-1-5-32-544' -notcontains $owner) {
        throw "the folder $root belongs to $owner, not to the administrators: remove it"
    }
    if (([int]$folder.Attributes -band [int][System.IO.FileAttributes]::ReparsePoint) -ne 0) {
        throw "the folder $root leads to another place: remove it"
    }
    foreach ($rule in $found.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])) {
        $who = $rule.IdentityReference.Value
        if ([string]$rule.AccessControlType -eq 'Allow' -and 'S-1-5-18', 'S-1-5-32-544' -notcontains $who) {
            throw "the folder $root is open to $who, not to the administrators alone: remove it"
        }
    }
}

# The guard that lets a worker start only once: this file can be made once. While we hold it open, a start is under way.
function New-Spool {
    $null = [System.IO.Directory]::CreateDirectory($spool)
    $at.Guard = [System.IO.File]::Open((Join-Path -Path $spool -ChildPath 'begun'), 'CreateNew', 'Write', 'None')
    $out = [System.IO.File]::Open((Join-Path -Path $spool -ChildPath 'out'), 'CreateNew', 'Write', 'None')
    $out.Dispose()
}

function Read-Worker {
    $text = New-Object -TypeName System.Text.StringBuilder
    foreach ($line in $Control) {
        $null = $text.Append($line).Append("`n")
        if ([string]::Equals($line, '#mspctl-end')) {
            return $text.ToString()
        }
    }
    throw 'the program was cut off on its way'
}

function Get-TaskFolder {
    $service = New-Object -ComObject Schedule.Service
    $service.Connect()
    return $service.GetFolder('\')
}

# A task of the system account without a trigger, started at once; it ends itself, and this only bounds it.
function Start-Task {
    $receive = @'
$ErrorActionPreference = 'Stop'
$pipe = New-Object -TypeName System.IO.Pipes.NamedPipeClientStream -ArgumentList '.', '@name@', 'In'
$pipe.Connect(30000)
$reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $pipe
$text = $reader.ReadToEnd()
$reader.Dispose()
$cut = $text.IndexOf("`n#mspctl-secrets`n", [StringComparison]::Ordinal) + 1
if ($cut -lt 1 -or -not $text.EndsWith("#mspctl-end`n")) {
    exit 76
}
& ([scriptblock]::Create($text.Substring(0, $cut))) '@spool@' '@boot@' @($text.Substring($cut) -split "`n")
'@
    $receive = $receive.Replace('@name@', $SpoolName).Replace('@spool@', $spool.Replace("'", "''")).Replace('@boot@', $boot)
    $encoded = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($receive))
    $service = New-Object -ComObject Schedule.Service
    $service.Connect()
    $definition = $service.NewTask(0)
    $definition.RegistrationInfo.Description = 'A run of mspctl. It removes itself when the run is over.'
    $definition.Principal.UserId = 'S-1-5-18'
    $definition.Principal.LogonType = 5
    $definition.Principal.RunLevel = 1
    $settings = $definition.Settings
    $settings.AllowDemandStart = $true
    $settings.DisallowStartIfOnBatteries = $false
    $settings.StopIfGoingOnBatteries = $false
    $settings.IdleSettings.StopOnIdleEnd = $false
    $settings.ExecutionTimeLimit = 'PT' + ($RunLimit + 600) + 'S'
    $settings.Priority = 5
    $action = $definition.Actions.Create(0)
    $action.Path = Join-Path -Path $PSHOME -ChildPath 'powershell.exe'
    $action.Arguments = '-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ' + $encoded
    $task = $service.GetFolder('\').RegisterTaskDefinition($SpoolName, $definition, 2, 'S-1-5-18', $null, 5)
    $null = $task.RunEx($null, 2, 0, $null)
}

# The worker's text, secrets in it, goes from memory to memory: a pipe that only this account and the system may open.
function Start-Worker {
    param([string]$Text)
    $security = New-Object -TypeName System.IO.Pipes.PipeSecurity
    $system = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList 'S-1-5-18'
    foreach ($who in $system, [System.Security.Principal.WindowsIdentity]::GetCurrent().User) {
        $rule = New-Object -TypeName System.IO.Pipes.PipeAccessRule -ArgumentList $who, 'FullControl', 'Allow'
        $security.AddAccessRule($rule)
    }
    $pipe = New-Object -TypeName System.IO.Pipes.NamedPipeServerStream -ArgumentList @(
        $SpoolName, 'Out', 1, 'Byte', 'Asynchronous', 0, 65536, $security
    )
    try {
        Start-Task
        $waiting = $pipe.BeginWaitForConnection($null, $null)
        if (-not $waiting.AsyncWaitHandle.WaitOne(40000)) {
            throw 'the Task Scheduler has not started the worker within 40 s'
        }
        $pipe.EndWaitForConnection($waiting)
        $bytes = [System.Text.Encoding]::UTF8.GetBytes($Text)
        $pipe.Write($bytes, 0, $bytes.Length)
        $pipe.WaitForPipeDrain()
    }
    finally {
        $pipe.Dispose()
    }
}

# The worker's process, when it began and on which boot, as it wrote them; nothing if it has not.
function Read-Mark {
    param([string]$Folder)
    $file = Join-Path -Path $Folder -ChildPath 'worker'
    if (-not [System.IO.File]::Exists($file)) {
        return $null
    }
    # While the worker writes it, nobody else may open it: that is no mark yet, and no worker that did not start.
    try {
        $mark = @([System.IO.File]::ReadAllText($file).Trim() -split ' ')
    }
    catch [System.IO.IOException] {
        return $null
    }
    if ($mark.Count -ne 3) {
        return $null
    }
    return , $mark
}

# Whether a worker may yet begin: somebody is handing its text over, or its task is queued or at work.
function Test-Starting {
    try {
        [System.IO.File]::Open((Join-Path -Path $spool -ChildPath 'begun'), 'Open', 'Write', 'None').Dispose()
    }
    catch [System.IO.IOException] {
        return $true
    }
    try {
        return 2, 4 -contains (Get-TaskFolder).GetTask($SpoolName).State
    }
    catch {
        return $false
    }
}

# A worker begins by making its mark, which can be made once: if we make it, or another has, empty, none begins any more.
function Test-Prevented {
    $file = Join-Path -Path $spool -ChildPath 'worker'
    try {
        [System.IO.File]::Open($file, 'CreateNew', 'Write', 'None').Dispose()
        return $true
    }
    catch [System.IO.IOException] {
        $null = $_
    }
    try {
        return [System.IO.File]::ReadAllText($file) -eq ''
    }
    catch [System.IO.IOException] {
        return $false
    }
}

# The mark of the worker, for as long as one may still begin; a slow host says now and then that it is not silent.
function Wait-Mark {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $told = 0
    while ([System.IO.File]::Exists((Join-Path -Path $spool -ChildPath 'begun'))) {
        $starting = Test-Starting
        $mark = Read-Mark -Folder $spool
        if ($null -ne $mark) {
            return , $mark
        }
        $waited = $watch.Elapsed.TotalSeconds
        $late = $Mode -eq 'cancel' -or $at.Why -or -not $starting -or $waited -ge 120
        if ($late -and (Test-Prevented)) {
            throw ($at.Why + "no worker has begun within $([int]$waited) s, and none will")
        }
        if ($waited -ge 150) {
            throw "the worker's mark cannot be read"
        }
        if ($waited - $told -ge 15) {
            $told = $waited
            Say starting
        }
        Start-Sleep -Milliseconds 300
    }
    throw 'the start was given up'
}

function Test-Worker {
    param([string[]]$Mark)
    if ($Mark[2] -ne $boot) {
        return $false
    }
    $process = Get-Process -Id ([int]$Mark[0]) -ErrorAction SilentlyContinue
    if ($null -eq $process) {
        return $false
    }
    return [string]$process.StartTime.ToFileTime() -eq $Mark[1]
}

function Send-Output {
    param([long]$Most)
    $file = [System.IO.File]::Open((Join-Path -Path $spool -ChildPath 'out'), 'Open', 'Read', $keep)
    try {
        if ($file.Length -gt $MaxSent -and $Most -gt $MaxSent -and $file.Length - $at.Offset -gt 524288) {
            $at.Offset = $file.Length - 524288
        }
        $null = $file.Seek($at.Offset, 'Begin')
        $buffer = New-Object -TypeName byte[] -ArgumentList 65536
        while ($at.Offset -lt $Most) {
            # Not [Math]::Min: after an [int] PowerShell 5.1 takes no larger second number.
            $next = $Most - $at.Offset
            if ($next -gt 65536) {
                $next = 65536
            }
            $count = $file.Read($buffer, 0, [int]$next)
            if ($count -le 0) {
                break
            }
            $stdout.Write($buffer, 0, $count)
            $at.Offset = $at.Offset + $count
        }
    }
    finally {
        $file.Dispose()
    }
}

function Remove-Task {
    try {
        $tasks = Get-TaskFolder
        $tasks.GetTask($SpoolName).Stop(0)
        $tasks.DeleteTask($SpoolName, 0)
    }
    catch {
        # It has removed itself.
        $null = $_
    }
}

# What holds a file in it, as a scanner does, lets go of it soon; what stays is cleared away by a later run.
function Remove-Spool {
    Remove-Task
    for ($try = 0; $try -lt 10 -and [System.IO.Directory]::Exists($spool); $try++) {
        try {
            [System.IO.Directory]::Delete($spool, $true)
        }
        catch {
            Start-Sleep -Milliseconds 300
        }
    }
}

# What runs left here that nobody came back for. A controller knows of its own runs; of others the age tells.
function Remove-Stale {
    foreach ($old in [System.IO.Directory]::GetDirectories($root, 'mspctl-*')) {
        $name = [System.IO.Path]::GetFileName($old)
        $aged = [System.IO.Directory]::GetLastWriteTimeUtc($old) -lt [DateTime]::UtcNow.AddDays(-$KeepDays)
        if (-not $aged -and $Gone -notcontains $name) {
            continue
        }
        try {
            $mark = Read-Mark -Folder $old
            if ($null -eq $mark -or -not (Test-Worker -Mark $mark)) {
                [System.IO.Directory]::Delete($old, $true)
                (Get-TaskFolder).DeleteTask($name, 0)
            }
        }
        catch {
            $null = $_
        }
    }
}

function Test-Space {
    try {
        [System.IO.File]::WriteAllText((Join-Path -Path $spool -ChildPath 'probe'), $Nonce * 64)
        return 'ok'
    }
    catch {
        return 'full'
    }
}

# 1190: a shutdown was ordered already; 1115: it is under way.
function Request-Reboot {
    $shutdown = Join-Path -Path ([Environment]::SystemDirectory) -ChildPath 'shutdown.exe'
    $process = Start-Process -FilePath $shutdown -ArgumentList '/r /f /t 3 /d p:2:17' -PassThru -Wait -WindowStyle Hidden
    if (0, 1190, 1115 -notcontains $process.ExitCode) {
        exit 74
    }
}

$boot = Get-BootId
if ($NotBoot -eq $boot) {
    Say same-boot $boot
    exit 0
}
if (-not (Test-Administrator)) {
    Say not-root ([System.Security.Principal.WindowsIdentity]::GetCurrent().Name)
    exit 77
}
if ([System.IO.File]::Exists((Join-Path -Path $spool -ChildPath 'begun'))) {
    if ($Mode -eq 'cancel') {
        [System.IO.File]::WriteAllText((Join-Path -Path $spool -ChildPath 'stop'), '')
    }
    if ($Mode -eq 'start') {
        $null = Read-Worker
    }
    $which = 'again'
}
elseif ($Mode -eq 'start') {
    $text = Read-Worker
    try {
        New-SpoolRoot
        Remove-Stale
        New-Spool
    }
    catch {
        Say not-started $_.Exception.Message
        exit 73
    }
    try {
        Start-Worker -Text $text
    }
    catch {
        $at.Why = $_.Exception.Message + '; '
    }
    $at.Guard.Dispose()
    $which = 'new'
}
else {
    Say no-spool $boot
    exit 73
}
try {
    $mark = Wait-Mark
}
catch {
    $why = $_.Exception.Message
    Remove-Spool
    Say not-started $why
    exit 73
}
Add-Word attached $spool $boot $mark[2] $which
# Whatever is sent answers a request of the controller: it is gathered, first for a short time and then for a long one.
$watch = [System.Diagnostics.Stopwatch]::StartNew()
$due = $FirstWait
while (Test-Worker -Mark $mark) {
    if ($watch.Elapsed.TotalSeconds -ge $due) {
        $before = $at.Offset
        Send-Output -Most $MaxSent
        $stdout.Flush()
        if ($due -eq $FirstWait -or $at.Offset -ne $before) {
            $due = $watch.Elapsed.TotalSeconds + $LaterWait
        }
    }
    Start-Sleep -Milliseconds 300
}
Send-Output -Most ([long]::MaxValue)
Say ended unknown (Test-Space) $boot
foreach ($line in $Control) {
    if ($line -eq 'mspctl_acknowledge') {
        Remove-Spool
        exit 0
    }
    if ($line -eq 'mspctl_acknowledge_and_reboot') {
        Remove-Spool
        Request-Reboot
        exit 0
    }
}
exit 75
