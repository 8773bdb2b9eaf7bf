# Whom to compare the clock with: as asked for, else whom the host follows. Domain controllers follow one another: for them nobody.
function Get-TimeSource {
    param([string]$Asked, $Settings)
    if ($Asked) {
        return $Asked
    }
    if ('NTP', 'AllSync' -contains $Settings.Type) {
        return (([string]$Settings.NtpServer).Trim() -split '[ ,]')[0]
    }
    if ($Settings.Type -eq 'NT5DS') {
        $computer = Get-CimInstance -ClassName Win32_ComputerSystem
        if (1, 3 -contains [int]$computer.DomainRole) {
            return $computer.Domain
        }
    }
}

# A question and an answer of 48 bytes each (RFC 4330): when it came there and when it went back, from byte 32 and 40. A server whose
# own clock is not set says so in the first two bits, or by the stratum 0.
function Get-TimeOffset {
    param([string]$Asked)
    $question = New-Object -TypeName byte[] -ArgumentList 48
    $question[0] = 0x1B
    $client = New-Object -TypeName System.Net.Sockets.UdpClient
    try {
        $client.Client.ReceiveTimeout = 3000
        $client.Connect($Asked, 123)
        $sent = [DateTime]::UtcNow
        $null = $client.Send($question, 48)
        $from = New-Object -TypeName System.Net.IPEndPoint -ArgumentList ([System.Net.IPAddress]::Any), 0
        $answer = $client.Receive([ref]$from)
        $got = [DateTime]::UtcNow
    }
    finally {
        $client.Close()
    }
    if ($answer.Count -lt 48 -or $answer[0] -ge 192 -or $answer[1] -eq 0) {
        throw 'it says that its own clock is not set'
    }
    $came = ConvertFrom-Stamp -Bytes $answer -At 32
    $went = ConvertFrom-Stamp -Bytes $answer -At 40
    return (($came - $sent).TotalSeconds + ($went - $got).TotalSeconds) / 2
}

# Seconds since 1900 and their fraction, 32 bits each.
function ConvertFrom-Stamp {
    param($Bytes, [int]$At)
    $whole = 0.0
    $part = 0.0
    for ($number = 0; $number -lt 4; $number++) {
        $whole = $whole * 256 + $Bytes[$At + $number]
        $part = $part * 256 + $Bytes[$At + 4 + $number]
    }
    return ([DateTime]'1900-01-01').AddSeconds($whole + $part / 4294967296)
}
