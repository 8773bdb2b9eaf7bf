# What a link starts PowerShell with, as -EncodedCommand: reads the program from stdin up to its end mark and runs it.
# A program cut off on the way runs nothing at all. The rest of stdin is for the program: $Control in launch.ps1.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$text = New-Object -TypeName System.Text.StringBuilder
$whole = $false
foreach ($line in $input) {
    if ([string]::Equals($line, '#mspctl-end')) {
        $whole = $true
        break
    }
    $null = $text.Append($line).Append("`n")
}
if (-not $whole) {
    exit 76
}
& ([scriptblock]::Create($text.ToString().TrimStart([char]0xFEFF))) $input
exit 70
