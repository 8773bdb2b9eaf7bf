# restic with a repository. Set before: $repository, $backupHost (the name of this host in the repository), $cache and
# $password. Needs program.ps1.
$MspctlRestic = @{ Tool = ''; Status = 0; Output = ''; Said = ''; Missing = $false; Unlocked = $false; Problems = @() }

# Find-Restic: nothing if it is not there. A service's PATH is as old as the boot, so the places of installers are looked at too.
function Find-Restic {
    $found = Get-Command -Name restic.exe -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    if ($null -ne $found) {
        return $found.Source
    }
    foreach ($folder in ($env:ProgramFiles + '\restic'), ($env:ProgramFiles + '\WinGet\Links'), ($env:ProgramData + '\chocolatey\bin')) {
        $path = $folder + '\restic.exe'
        if ([System.IO.File]::Exists($path)) {
            return $path
        }
    }
}

# Test-Restic: true if there is a restic to work with; false, with a verdict, if not.
function Test-Restic {
    $MspctlRestic.Tool = Find-Restic
    if (-not $MspctlRestic.Tool) {
        Write-BackupFailure -Word no-tool -Text 'restic is not installed on the host; choco install restic would put it there'
        return $false
    }
    return $true
}

# Start-Restic: the password goes in by stdin, so it is in no argument, environment or file; restic takes it from
# there when stdin is no terminal.
function Start-Restic {
    param([string[]]$Arguments, [string]$Folder = '')
    $start = New-StartInfo -Path $MspctlRestic.Tool -Arguments (@('--repo', $repository) + $Arguments) -Folder $Folder
    $start.StandardOutputEncoding = [System.Text.Encoding]::UTF8
    $start.StandardErrorEncoding = [System.Text.Encoding]::UTF8
    $start.EnvironmentVariables['RESTIC_CACHE_DIR'] = $cache
    $start.EnvironmentVariables['RESTIC_PROGRESS_FPS'] = '0.01'
    try {
        [Console]::InputEncoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
    }
    catch {
        $null = $_
    }
    $process = [System.Diagnostics.Process]::Start($start)
    # Where the console's encoding has a mark, .NET has written it already: it would become a part of the password.
    if ($process.StandardInput.Encoding.GetPreamble().Length -gt 0) {
        $process.Kill()
        throw 'the console of the host puts a mark before what a program reads, so restic would get another password'
    }
    $errors = $process.StandardError.ReadToEndAsync()
    $bytes = [System.Text.Encoding]::UTF8.GetBytes([string]$password + "`n")
    $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
    $process.StandardInput.Close()
    return @{ Process = $process; Errors = $errors }
}

# Complete-Restic: what it ended with; true if it went well.
function Complete-Restic {
    param($Started, [string]$Output)
    $Started.Process.WaitForExit()
    $MspctlRestic.Status = $Started.Process.ExitCode
    $MspctlRestic.Output = $Output
    $MspctlRestic.Said = $Output + "`n" + $Started.Errors.Result
    return $MspctlRestic.Status -eq 0
}

function Invoke-Restic {
    param([string[]]$Arguments, [string]$Folder = '')
    $started = Start-Restic -Arguments $Arguments -Folder $Folder
    $output = $started.Process.StandardOutput.ReadToEnd()
    return Complete-Restic -Started $started -Output $output
}

# Invoke-ResticTwice: as Invoke-Restic; a lock that nobody holds any more is taken away, once. restic knows which those are.
function Invoke-ResticTwice {
    param([string[]]$Arguments)
    if (Invoke-Restic -Arguments $Arguments) {
        return $true
    }
    if ((Get-ResticWhy).Word -ne 'locked' -or -not (Invoke-Restic -Arguments 'unlock')) {
        return $false
    }
    $well = Invoke-Restic -Arguments $Arguments
    if ($MspctlRestic.Status -eq 0 -or $MspctlRestic.Status -eq 3) {
        $MspctlRestic.Unlocked = $true
    }
    return $well
}

# Get-ResticWhy: from restic's status, where it has one for it (since 0.17), or its last words to a word of ours and a sentence.
function Get-ResticWhy {
    $lines = @($MspctlRestic.Said -split "`r?`n" | Where-Object -FilterScript { $_.Trim() -and $_ -notmatch '^(\{|\[|reading repository password)' })
    $last = 'it said nothing'
    if ($lines.Count -gt 0) {
        $last = $lines[$lines.Count - 1].Trim()
    }
    # Since 0.18 the last words are JSON, too, where JSON was asked for.
    elseif ($MspctlRestic.Said -match '"message":"(([^"\\]|\\.)+)"\}\s*$') {
        $last = $Matches[1]
    }
    foreach ($reason in @(Get-ResticReason)) {
        if ($MspctlRestic.Status -eq $reason[1] -or $MspctlRestic.Said -match $reason[2]) {
            return @{ Word = $reason[0]; Text = $reason[3].Replace('LAST', $last) }
        }
    }
    return @{ Word = 'failed'; Text = "restic failed: $last" }
}

# Each with its word, the status that says it (0 if none does), its words, and the sentence; the first that fits counts.
function Get-ResticReason {
    # Who backs up may make a repository; who restores must not.
    $none = "there is no repository at ${repository}; is its disk there, is its path the one in the inventory?"
    if ($null -ne $init) {
        $none = "there is no repository at ${repository}; if its disk is there and this is the first backup, run again with -e init=true"
    }
    $gone = 'network path was not found|network name|network location|device is not ready'
    $far = 'connection refused|actively refused|no such host|could not resolve|timed out|Host key|Permission denied \(publickey|start the sftp session|no route to host|unreachable'
    $full = 'not enough space on the disk|disk is full|no space left|quota exceeded|507 Insufficient'
    $missing = '(cannot find the|no such file or directory|does not exist|404 Not Found)[\s\S]*Is there a repository'
    $bad = 'ciphertext verification failed|does not match|invalid data returned|wrong hash|unexpected EOF|not found in (repository|index)|file is truncated|contains errors|Damaged pack|load <'
    , @('wrong-password', 12, 'wrong password or no key found', 'the password does not open the repository')
    , @('locked', 11, 'already locked', 'somebody else has locked the repository: LAST')
    , @('repository-full', 0, $full, 'no space left: LAST')
    , @('unreachable', 0, $gone, 'the repository cannot be reached: LAST')
    , @('no-repository', 10, $missing, $none)
    , @('unreachable', 0, $far, 'the repository cannot be reached: LAST')
    , @('damaged', 0, $bad, 'the repository is damaged: LAST')
}

# Write-BackupFailure: the failure, and the same as a finding that can be counted.
function Write-BackupFailure {
    param([string]$Word, [string]$Text)
    Finding ('backup:' + $Word) 'level=critical' ('reason=' + $Text)
    Failed $Text
}

function Write-ResticFailure {
    param([string]$Before = '')
    $why = Get-ResticWhy
    Write-BackupFailure -Word $why.Word -Text ($Before + $why.Text)
}

# Add-Problem: one of several, all of which the verdict tells.
function Add-Problem {
    param([string]$Word, [string]$Text)
    Finding ('backup:' + $Word) 'level=critical' ('reason=' + $Text)
    $MspctlRestic.Problems += $Text
}

# Get-JsonText, Get-JsonNumber: what the text of JSON has last under this name, empty or 0 if nothing. A quote within
# a text of JSON stands behind a backslash, so no text passes for a name.
function Get-JsonText {
    param([string]$Name, [string]$Text)
    if ($Text -match ('^[\s\S]*"' + $Name + '":"([^"\\]*)"')) {
        return $Matches[1]
    }
    return ''
}

function Get-JsonNumber {
    param([string]$Name, [string]$Text)
    if ($Text -match ('^[\s\S]*"' + $Name + '":([0-9]+)')) {
        return [long]$Matches[1]
    }
    return [long]0
}

# Get-LastSnapshot: Id, Time and At of the last one in the list that restic has just given, empty if there is none.
function Get-LastSnapshot {
    $id = ''
    $time = ''
    $at = $null
    $text = $MspctlRestic.Output
    if ($text -match '^[\s\S]*"short_id":"[0-9a-f]+"') {
        $text = $Matches[0]
        $from = $text.LastIndexOf('{"time":')
        if ($from -ge 0) {
            $text = $text.Substring($from)
            $id = Get-JsonText -Name 'id' -Text $text
            $time = Get-JsonText -Name 'time' -Text $text
            $at = ([DateTime]($time -replace '\.[0-9]+', '')).ToUniversalTime()
        }
    }
    return @{ Id = $id; Time = $time; At = $at }
}

# Read-Last: asks for the host's last backup, without a lock. Nothing, with a verdict, if the repository does not say; with
# $init it may be missing.
function Read-Last {
    $MspctlRestic.Missing = $false
    if (-not (Invoke-Restic -Arguments 'snapshots', '--no-lock', '--json', '--host', $backupHost, '--tag', 'mspctl')) {
        if ($init -and (Get-ResticWhy).Word -eq 'no-repository') {
            $MspctlRestic.Missing = $true
            return @{ Id = ''; Time = ''; At = $null }
        }
        Write-ResticFailure
        return
    }
    $last = Get-LastSnapshot
    if ($null -ne $last.At -and ($last.At - [DateTime]::UtcNow).TotalSeconds -gt 300) {
        $text = 'the last snapshot is of ' + $last.Time + ', which has not come yet: a clock is wrong, now on this host or when it was made'
        Write-BackupFailure -Word clock -Text $text
        return
    }
    return $last
}

# Read-Good: Read-Last, and nothing, with a verdict, if there is no backup.
function Read-Good {
    $last = Read-Last
    if ($null -ne $last -and -not $last.Id) {
        Write-BackupFailure -Word not-there -Text "the repository has no snapshot of $backupHost"
        return
    }
    return $last
}

# Write-Unlocked: a lock that was taken away is told.
function Write-Unlocked {
    if ($MspctlRestic.Unlocked) {
        Finding backup:stale-lock 'level=warning' 'reason=an earlier run left the repository locked and is gone; the lock was taken away'
    }
}

# Read-HashList: the last list of hashes of this host is what restic has said; false if there is none.
function Read-HashList {
    return Invoke-Restic -Arguments 'dump', '--no-lock', '--host', $backupHost, '--tag', 'mspctl-manifest', 'latest', '/mspctl-manifest'
}

# Get-ResticPattern: a name as a pattern that fits nothing else. Of what stands for others Windows allows [ alone.
function Get-ResticPattern {
    param([string]$Path)
    return $Path.Replace('[', '[[]')
}

# Get-Hash: SHA-256 of a file, in small letters, also while others write to it.
function Get-Hash {
    param([string]$Path)
    # Windows takes longer names so.
    if ($Path.Length -ge 250 -and $Path -match '^[A-Za-z]:\\') {
        $Path = '\\?\' + $Path
    }
    $file = [System.IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        $sum = [System.Security.Cryptography.SHA256]::Create().ComputeHash($file)
    }
    finally {
        $file.Dispose()
    }
    return [BitConverter]::ToString($sum).Replace('-', '').ToLowerInvariant()
}

# Get-Difference: why the file is not the one with this hash; empty if it is.
function Get-Difference {
    param([string]$Path, [string]$Hash)
    try {
        if ((Get-Hash -Path $Path) -ceq $Hash) {
            return ''
        }
    }
    catch [System.IO.FileNotFoundException] {
        return 'is missing in the restore'
    }
    catch [System.IO.DirectoryNotFoundException] {
        return 'is missing in the restore'
    }
    catch {
        return 'cannot be read: ' + $_.Exception.GetBaseException().Message
    }
    return 'is not what it was when it was backed up'
}

# Select-Some: so many of all, by chance, and no more than a command line takes.
function Select-Some {
    param([string[]]$All, [int]$Most)
    $chosen = @($All)
    if ($All.Count -gt $Most) {
        $random = New-Object -TypeName System.Random
        $chosen = @()
        $left = $Most
        for ($at = 0; $at -lt $All.Count -and $left -gt 0; $at++) {
            if ($random.Next($All.Count - $at) -lt $left) {
                $chosen += $All[$at]
                $left = $left - 1
            }
        }
    }
    $room = 28000
    foreach ($each in $chosen) {
        $room = $room - $each.Length
        if ($room -gt 0 -or $chosen.Count -eq $All.Count) {
            $each
        }
    }
}

# New-ClosedFolder: a folder which only the system and the administrators may open.
function New-ClosedFolder {
    param([string]$Path)
    $acl = New-Object -TypeName System.Security.AccessControl.DirectorySecurity
    $acl.SetAccessRuleProtection($true, $false)
    foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') {
        $who = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $sid
        $rule = New-Object -TypeName System.Security.AccessControl.FileSystemAccessRule -ArgumentList @(
            $who, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow'
        )
        $acl.AddAccessRule($rule)
    }
    $null = [System.IO.Directory]::CreateDirectory($Path, $acl)
}

# Remove-Folder: a folder of ours with all that is in it; what holds a file lets go of it soon.
function Remove-Folder {
    param([string]$Path)
    for ($try = 0; $try -lt 10 -and [System.IO.Directory]::Exists($Path); $try++) {
        try {
            [System.IO.Directory]::Delete($Path, $true)
        }
        catch {
            Clear-Attribute -Path $Path
            Start-Sleep -Milliseconds 300
        }
    }
    if ([System.IO.Directory]::Exists($Path)) {
        Finding backup:left-over 'level=warning' "reason=$Path could not be removed"
    }
}

# Clear-Attribute: a file that was read-only is so again when it was restored, and would not be removed.
function Clear-Attribute {
    param([string]$Path)
    try {
        foreach ($file in [System.IO.Directory]::GetFiles($Path, '*', 'AllDirectories')) {
            [System.IO.File]::SetAttributes($file, 'Normal')
        }
    }
    catch {
        $null = $_
    }
}

# Test-FreeSpace: whether the disk of the path has room; false, with a verdict, if not.
function Test-FreeSpace {
    param([string]$Path, [long]$Bytes)
    $disk = $null
    if ($Path -match '^([A-Za-z]:)\\') {
        $disk = Get-CimInstance -ClassName Win32_LogicalDisk -Filter ("DeviceID = '" + $Matches[1] + "'")
    }
    if ($null -eq $disk) {
        Write-BackupFailure -Word no-room -Text "Windows does not tell how much room there is on $Path; name a folder on a disk"
        return $false
    }
    if ($disk.FreeSpace -lt $Bytes) {
        $text = '{0} has {1:F0} MiB free, and the restore needs {2:F0} MiB' -f $Path, ($disk.FreeSpace / 1048576), ($Bytes / 1048576)
        Write-BackupFailure -Word no-room -Text $text
        return $false
    }
    return $true
}

# Test-Below: restic has C:\Data\a as /C/Data/a, and JSON its own way of writing some letters.
function Test-Below {
    param([string]$Path, [string]$Source)
    $inside = '/' + $Source.Replace(':\', '/').Replace('\', '/').TrimEnd('/')
    $inside = $inside.Replace('&', '\u0026').Replace('<', '\u003c').Replace('>', '\u003e')
    return $Path -eq $inside -or $Path.ToLowerInvariant().StartsWith($inside.ToLowerInvariant() + '/')
}

# Test-KeepRule: whether the text, as daily=7, says what is to stay.
function Test-KeepRule {
    param([string]$Rule)
    return $Rule -match '^(last|hourly|daily|weekly|monthly|yearly)=[1-9][0-9]*$'
}

# Get-SnapshotRow: of each snapshot of this host, as restic has just listed them: Id, Short, At, Paths, Files (whether it is one of ours), Of (whose
# list of hashes it is) and Suspicious (whether that list says so). The oldest comes first.
function Get-SnapshotRow {
    foreach ($match in [regex]::Matches($MspctlRestic.Output, '\{"time":"[\s\S]*?"short_id":"[0-9a-f]+"\}')) {
        $text = $match.Value
        $row = @{ Id = (Get-JsonText -Name id -Text $text); Short = (Get-JsonText -Name short_id -Text $text); Paths = ''; Of = '' }
        $row.At = ([DateTime]((Get-JsonText -Name time -Text $text) -replace '\.[0-9]+', '')).ToUniversalTime()
        $row.Files = $text -match '"mspctl"'
        $row.List = $text -match '"mspctl-manifest"'
        $row.Suspicious = $text -match '"suspicious"'
        if ($text -match '"of-([0-9a-f]+)"') {
            $row.Of = $Matches[1]
        }
        if ($text -match '"paths":\[([^\]]*)\]') {
            $row.Paths = $Matches[1].Replace('"', '').Replace('\\', '\').Replace(',', ' ')
        }
        $row
    }
}

# Get-SnapshotState: good, or suspicious, for each snapshot that has a list of hashes, by its short id. Only a run that came to its end makes one.
function Get-SnapshotState {
    param($Rows)
    $states = @{}
    foreach ($row in $Rows) {
        if ($row.Of) {
            $states[$row.Of] = 'good'
            if ($row.Suspicious) {
                $states[$row.Of] = 'suspicious'
            }
        }
    }
    return $states
}

# Test-Stay: whether $keep lets one of a group stay, the newest of which comes first. $Taken is what stays already.
function Test-Stay {
    param($Taken, [string]$Group, $Row)
    $lengths = @{ hourly = 13; daily = 10; monthly = 7; yearly = 4 }
    $stays = $false
    foreach ($rule in $keep) {
        $parts = $rule -split '='
        $bucket = $Row.Id
        if ($parts[0] -eq 'weekly') {
            $bucket = '' + [Math]::Floor(($Row.At - [DateTime]'2001-01-01').TotalDays / 7)
        }
        elseif ($lengths.ContainsKey($parts[0])) {
            $bucket = $Row.At.ToString('yyyy-MM-ddTHH:mm:ss').Substring(0, $lengths[$parts[0]])
        }
        $count = $Group + $parts[0]
        $last = $count + ' last'
        if (-not $Taken.ContainsKey($count)) {
            $Taken[$count] = 0
            $Taken[$last] = ''
        }
        if ($Taken[$count] -lt [int]$parts[1] -and $Taken[$last] -ne $bucket) {
            $Taken[$count] = $Taken[$count] + 1
            $Taken[$last] = $bucket
            $stays = $true
        }
    }
    return $stays
}

# Get-OldSnapshot: the ids of those that $keep lets go. The rules are gone by twice, for all and for the good ones as if there were no others: none that
# is incomplete or suspicious takes the place of a good one. A list goes with its snapshot.
function Get-OldSnapshot {
    $rows = @(Get-SnapshotRow)
    $states = Get-SnapshotState -Rows $rows
    $taken = @{}
    $held = @{}
    for ($at = $rows.Count - 1; $at -ge 0; $at--) {
        $row = $rows[$at]
        if ($row.Files) {
            $stays = Test-Stay -Taken $taken -Group all -Row $row
            if ($states[$row.Short] -eq 'good' -and (Test-Stay -Taken $taken -Group good -Row $row)) {
                $stays = $true
            }
            if ($stays) {
                $held[$row.Short] = $true
            }
            else {
                $row.Id
            }
        }
    }
    foreach ($row in $rows) {
        if ($row.Of -and -not $held.ContainsKey($row.Of)) {
            $row.Id
        }
    }
}

# Remove-OldSnapshot: only once a good one is there.
function Remove-OldSnapshot {
    if ($keep.Count -eq 0) {
        return
    }
    $well = Invoke-Restic -Arguments 'snapshots', '--no-lock', '--json', '--host', $backupHost
    if ($well) {
        # A line of Windows ends at 32767 characters, and an id has 64: what is left goes the next time.
        $old = @(Get-OldSnapshot | Select-Object -First 400)
        if ($old.Count -eq 0) {
            return
        }
        $well = Invoke-ResticTwice -Arguments (@('forget', '--prune') + $old)
    }
    if (-not $well) {
        $text = 'the backup is good, but old snapshots could not be removed: ' + (Get-ResticWhy).Text
        Finding backup:retention 'level=warning' ('reason=' + $text)
    }
}
