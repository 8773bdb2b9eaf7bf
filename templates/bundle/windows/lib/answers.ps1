# Whether something on the host or in its network answers: nothing if it does, else why not. Needs services.ps1, lines.ps1.

function Test-Listening {
    param([int]$Port)
    $all = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpListeners()
    if (@($all | Where-Object -FilterScript { $_.Port -eq $Port }).Count -eq 0) {
        return 'nothing listens there'
    }
}

function Test-Port {
    param([string]$Name, [int]$Port)
    $client = New-Object -TypeName System.Net.Sockets.TcpClient
    try {
        $waiting = $client.BeginConnect($Name, $Port, $null, $null)
        if (-not $waiting.AsyncWaitHandle.WaitOne(3000)) {
            return 'nothing answers there within 3 s'
        }
        $client.EndConnect($waiting)
    }
    catch {
        return $_.Exception.GetBaseException().Message
    }
    finally {
        $client.Close()
    }
}

# Any status below 400 within ten seconds is an answer. Older builds do not offer TLS 1.2 by themselves.
function Test-Url {
    param([string]$Url)
    $protocols = [System.Net.ServicePointManager]::SecurityProtocol
    [System.Net.ServicePointManager]::SecurityProtocol = $protocols -bor [System.Net.SecurityProtocolType]::Tls12
    try {
        $request = [System.Net.WebRequest]::Create($Url)
        $request.Timeout = 10000
        $request.UserAgent = 'mspctl'
        $request.GetResponse().Close()
    }
    catch {
        return $_.Exception.GetBaseException().Message
    }
}

function Test-ServiceRuns {
    param([string]$Name)
    $service = Get-OneService -Name $Name
    if ($null -eq $service) {
        return 'there is no such service'
    }
    if ($service.State -ne 'Running') {
        return 'it does not run'
    }
}

# Test-Probe: service:NAME, port:PORT, port:HOST:PORT, url:URL, command:LINE.
function Test-Probe {
    param([string]$Probe)
    $what = $Probe.Substring($Probe.IndexOf(':') + 1)
    switch -Wildcard ($Probe) {
        'service:*' {
            return Test-ServiceRuns -Name $what
        }
        'port:*:*' {
            $cut = $what.LastIndexOf(':')
            $name = $what.Substring(0, $cut).Trim('[', ']')
            return Test-Port -Name $name -Port ([int]$what.Substring($cut + 1))
        }
        'port:*' {
            return Test-Listening -Port ([int]$what)
        }
        'url:http*' {
            return Test-Url -Url $what
        }
        'command:*' {
            $result = Invoke-Line -Text $what
            if ($result.Status -eq 0) {
                return
            }
            return Add-Last -Text ('it ended with status ' + $result.Status) -Result $result
        }
    }
    return 'not a probe: service:, port:, url: or command: is to come first'
}
