# Invoke-Program: starts a program with closed stdin and waits; gives Status, Output and Errors. PowerShell 5.1 takes
# a line on a native program's stderr for a failure of its own when it is redirected; this does not.
function Invoke-Program {
    param([string]$Path, [string[]]$Arguments = @(), [string]$Folder = '', [string]$Stdin = '')
    $start = New-StartInfo -Path $Path -Arguments $Arguments -Folder $Folder
    $process = [System.Diagnostics.Process]::Start($start)
    $output = $process.StandardOutput.ReadToEndAsync()
    $errors = $process.StandardError.ReadToEndAsync()
    if ($Stdin) {
        $process.StandardInput.Write($Stdin)
    }
    $process.StandardInput.Close()
    $process.WaitForExit()
    return @{ Status = $process.ExitCode; Output = $output.Result; Errors = $errors.Result }
}

function New-StartInfo {
    param([string]$Path, [string[]]$Arguments, [string]$Folder)
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    $start.FileName = $Path
    $start.Arguments = (@($Arguments | ForEach-Object -Process { Format-Argument -Text $_ }) -join ' ')
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    if ($Folder) {
        $start.WorkingDirectory = $Folder
    }
    return $start
}

# One argument as CommandLineToArgvW reads it back.
function Format-Argument {
    param([string]$Text)
    if ($Text -and $Text -notmatch '[\s"]') {
        return $Text
    }
    $escaped = $Text -replace '(\\*)"', '$1$1\"'
    $escaped = $escaped -replace '(\\+)$', '$1$1'
    return '"' + $escaped + '"'
}

function Get-LastLine {
    param([string]$Text)
    $lines = @($Text -split "`r?`n" | Where-Object -FilterScript { $_.Trim() })
    if ($lines.Count -eq 0) {
        return ''
    }
    return $lines[$lines.Count - 1].Trim()
}
