# A service by its name, as WMI knows it; nothing if there is none.
function Get-OneService {
    param([string]$Name)
    $quoted = $Name.Replace('\', '\\').Replace("'", "\'")
    return Get-CimInstance -ClassName Win32_Service -Filter "Name='$quoted'"
}
