# Whether a reboot is due: the reasons in words, nothing if none is.
function Get-RebootReason {
    $found = New-Object -TypeName System.Collections.ArrayList
    $base = 'HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion'
    foreach ($name in 'RebootPending', 'RebootInProgress', 'PackagesPending') {
        if (Test-Path -LiteralPath ($base + '\Component Based Servicing\' + $name)) {
            $null = $found.Add('component servicing (' + $name + ')')
        }
    }
    if (Test-Path -LiteralPath ($base + '\WindowsUpdate\Auto Update\RebootRequired')) {
        $null = $found.Add('Windows Update')
    }
    if (Test-Path -LiteralPath 'HKLM:\SOFTWARE\Microsoft\ServerManager\CurrentRebootAttempts') {
        $null = $found.Add('a role or feature')
    }
    $netlogon = Get-RegistryNames -Path 'HKLM:\SYSTEM\CurrentControlSet\Services\Netlogon'
    if ($netlogon -contains 'JoinDomain' -or $netlogon -contains 'AvoidSpnSet') {
        $null = $found.Add('joining a domain')
    }
    $names = 'HKLM:\SYSTEM\CurrentControlSet\Control\ComputerName'
    $active = (Get-ItemProperty -LiteralPath ($names + '\ActiveComputerName')).ComputerName
    $next = (Get-ItemProperty -LiteralPath ($names + '\ComputerName')).ComputerName
    if ($active -ne $next) {
        $null = $found.Add('the new computer name ' + $next)
    }
    return $found -join ', '
}

# Files that are to be renamed at the next boot. Many programs leave such; alone they are no reason to reboot.
function Get-PendingRename {
    $path = 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager'
    $count = 0
    foreach ($name in 'PendingFileRenameOperations', 'PendingFileRenameOperations2') {
        if ((Get-RegistryNames -Path $path) -contains $name) {
            $count = $count + @((Get-ItemProperty -LiteralPath $path).$name | Where-Object -FilterScript { $_ }).Count
        }
    }
    return $count
}

function Get-RegistryNames {
    param([string]$Path)
    if (-not (Test-Path -LiteralPath $Path)) {
        return
    }
    return (Get-Item -LiteralPath $Path).GetValueNames()
}

function Write-RebootReport {
    param([string]$Reason)
    if ($Reason) {
        Metric reboot.required 1
        Finding reboot-required "reason=$Reason"
    }
    else {
        Metric reboot.required 0
    }
}
