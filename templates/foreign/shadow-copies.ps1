# Shadow copies: the newest one of a volume, `of` its letter as C:. They lie on the same disk; none says how large it is.
function Read-shadow-copies {
    param([string]$Of)
    if ($Of -notmatch '^[A-Za-z]:$') {
        Saw unknown $null $null ($Of + ' is no letter of a volume, as C:')
        return
    }
    $volume = @(Get-CimInstance -ClassName Win32_Volume -Filter "DriveLetter = '$Of'")
    if ($volume.Count -eq 0) {
        Saw unknown $null $null ('there is no volume ' + $Of)
        return
    }
    $id = $volume[0].DeviceID
    $copies = @(Get-CimInstance -ClassName Win32_ShadowCopy | Where-Object -FilterScript { $_.VolumeName -eq $id } |
            Sort-Object -Property InstallDate -Descending)
    if ($copies.Count -eq 0) {
        Saw bad $null $null ($Of + ' has no shadow copy')
        return
    }
    Saw good $copies[0].InstallDate $null ('the newest shadow copy of ' + $Of)
}
