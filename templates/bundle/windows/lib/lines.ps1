# PowerShell lines of the user's, in a process of their own: what they exit with is theirs. Needs program.ps1.

# Invoke-Line: runs the text, prints what it says as it says it; gives Status and Last, the last line of it. Without a
# program PowerShell itself runs it: it comes through stdin, so it is in no argument list, has no limit in length and leaves no
# file; an error that nobody catches ends it with status 1. Another program gets the text on stdin and the argument `-`.
function Invoke-Line {
    param([string]$Text, [string]$Program = '', [string]$Folder = '', [string]$Hook = '')
    $arguments = @('-')
    $stdin = $Text
    if (-not $Program) {
        $Program = Join-Path -Path $PSHOME -ChildPath 'powershell.exe'
        $reader = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes((Get-LineReader)))
        $arguments = '-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-OutputFormat', 'Text', '-EncodedCommand', $reader
        $stdin = [Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($Text)) + "`n"
    }
    $start = New-StartInfo -Path $Program -Arguments $arguments -Folder $Folder
    $start.StandardOutputEncoding = [System.Text.Encoding]::UTF8
    $start.StandardErrorEncoding = [System.Text.Encoding]::UTF8
    if ($Hook) {
        $start.EnvironmentVariables['MSPCTL_HOOK'] = $Hook
    }
    $process = [System.Diagnostics.Process]::Start($start)
    $errors = $process.StandardError.ReadToEndAsync()
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($stdin)
    $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
    $process.StandardInput.Close()
    $last = ''
    $line = $process.StandardOutput.ReadLine()
    while ($null -ne $line) {
        Write-Line -Text $line
        if ($line.Trim()) {
            $last = $line.Trim()
        }
        $line = $process.StandardOutput.ReadLine()
    }
    $process.WaitForExit()
    $said = $errors.Result.TrimEnd()
    if ($said) {
        Write-Line -Text $said
        $last = Get-LastLine -Text $said
    }
    return @{ Status = $process.ExitCode; Last = $last }
}

# What PowerShell is started with. The lines' own last word counts: exit, or whether the last command went well.
function Get-LineReader {
    return @'
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try {
    [Console]::OutputEncoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
}
catch {
    $null = $_
}
$coded = (@($input) -join '') -replace '[^A-Za-z0-9+/=]', ''
$text = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($coded))
$end = "`nif (-not `$?) {`nif (`$LASTEXITCODE) {`nexit `$LASTEXITCODE`n}`nexit 1`n}"
try {
    & ([scriptblock]::Create($text + $end))
}
catch {
    [Console]::Error.WriteLine($_.Exception.Message)
    exit 1
}
exit 0
'@
}

# The verdict on lines of the user's, by their status.
function Write-Judgement {
    param($Result, $ChangedStatuses, $OkStatuses, [string]$What)
    $text = $What + ' ended with status ' + $Result.Status
    if ($ChangedStatuses -contains $Result.Status) {
        Changed $What ('status=' + $Result.Status)
    }
    elseif ($OkStatuses -contains $Result.Status) {
        Ok $text
    }
    else {
        Failed (Add-Last -Text $text -Result $Result)
    }
}

function Add-Last {
    param([string]$Text, $Result)
    if ($Result.Last) {
        return $Text + ': ' + $Result.Last
    }
    return $Text
}
