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
    $none = "there is no repository at ${repository}; if its disk is there and this is the first backup, run again with -e init=true"
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

# Test-KeepRule: whether the text, as daily=7, says what is to stay.
function Test-KeepRule {
    param([string]$Rule)
    return $Rule -match '^(last|hourly|daily|weekly|monthly|yearly)=[1-9][0-9]*$'
}

# Remove-OldSnapshot: what $keep says stays, the rest goes. Only once a good one is there.
function Remove-OldSnapshot {
    if ($keep.Count -eq 0) {
        return
    }
    $arguments = @('forget', '--host', $backupHost, '--tag', 'mspctl', '--tag', 'mspctl-manifest', '--group-by', 'host,tags', '--prune')
    foreach ($rule in $keep) {
        $parts = $rule -split '='
        $arguments += @(('--keep-' + $parts[0]), $parts[1])
    }
    if (-not (Invoke-ResticTwice -Arguments $arguments)) {
        $text = 'the backup is good, but old snapshots could not be removed: ' + (Get-ResticWhy).Text
        Finding backup:retention 'level=warning' ('reason=' + $text)
    }
}
