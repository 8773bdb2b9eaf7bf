# winget for the system account: winget.exe does not run without somebody's session, its module does under PowerShell 7 in a
# multithreaded apartment. Needs program.ps1.

# PowerShell 7, nothing if it is not here.
function Find-NewShell {
    $path = Join-Path -Path $env:ProgramFiles -ChildPath 'PowerShell\7\pwsh.exe'
    if (Test-Path -LiteralPath $path) {
        return $path
    }
}

function Invoke-Winget {
    param([string]$Path, [string]$Text)
    $whole = (Get-WingetHead) + $Text
    $coded = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($whole))
    return Invoke-Program -Path $Path -Arguments '-NoLogo', '-NoProfile', '-NonInteractive', '-MTA', '-EncodedCommand', $coded
}

# 64: the module is not there.
function Get-WingetHead {
    return @'
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not (Get-Module -ListAvailable -Name Microsoft.WinGet.Client)) {
    exit 64
}
Import-Module -Name Microsoft.WinGet.Client

'@
}

function Get-WingetQuestion {
    return @'
Get-WinGetPackage | Where-Object -FilterScript { $_.IsUpdateAvailable } | ForEach-Object -Process {
    '{0}|{1}|{2}' -f $_.Id, $_.InstalledVersion, @($_.AvailableVersions)[0]
}
'@
}

# One update; the identifier is in apostrophes already.
function Get-WingetOrder {
    param([string]$Quoted)
    $order = @'
$result = Update-WinGetPackage -Id @id@ -MatchOption EqualsCaseInsensitive -Mode Silent
'{0}|{1}' -f $result.Status, $result.InstallerErrorCode
'@
    return $order.Replace('@id@', $Quoted)
}
