# Write-Beside: written beside the old one and put in its place, so half a file is never there.
function Write-Beside {
    param([string]$Path, $Bytes)
    $beside = $Path + '.mspctl-new'
    [System.IO.File]::WriteAllBytes($beside, $Bytes)
    if ([System.IO.File]::Exists($Path)) {
        # Replace keeps the attributes and the access rules of the old one.
        [System.IO.File]::Replace($beside, $Path, [NullString]::Value)
    }
    else {
        [System.IO.File]::Move($beside, $Path)
    }
}
