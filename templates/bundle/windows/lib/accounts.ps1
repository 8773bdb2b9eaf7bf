# Accounts and groups of the host by ADSI: the cmdlets are not on every build, and stop at the first member of a group that they
# cannot resolve.

# The name of a group in the language of the host: by name as it is, by number (S-1-5-32-544) looked up.
function Get-GroupName {
    param([string]$Group)
    if ($Group -notlike 'S-1-*') {
        return $Group
    }
    $sid = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $Group
    return ($sid.Translate([System.Security.Principal.NTAccount]).Value -split '\\')[-1]
}

# The members of a group as DOMAIN/NAME, those of the host itself as DOMAIN/HOST/NAME, who cannot be resolved by number.
function Get-MemberName {
    param([string]$Group)
    foreach ($member in @(([ADSI]('WinNT://./' + $Group + ',group')).Invoke('Members'))) {
        $path = [string]$member.GetType().InvokeMember('ADsPath', 'GetProperty', $null, $member, $null)
        $path -replace '^WinNT://', ''
    }
}

# A local account, nothing if there is none of this name (2221, 1317). Whatever else goes wrong does not say so, and is thrown.
function Find-Account {
    param([string]$Name)
    $user = [ADSI]('WinNT://./' + $Name + ',user')
    try {
        $user.RefreshCache()
    }
    catch {
        if ('0x800708AD', '0x80070525' -contains ('0x{0:X8}' -f $_.Exception.GetBaseException().HResult)) {
            return
        }
        throw
    }
    return $user
}

function Test-DomainController {
    return [int](Get-CimInstance -ClassName Win32_ComputerSystem).DomainRole -ge 4
}
