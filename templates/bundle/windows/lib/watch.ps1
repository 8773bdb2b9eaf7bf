# For `mspctl dev capture`: what is no command but an object that answers by itself: COM, ADSI, a program, a file, a registry key, the
# network. A stand-in passes each question on to the real one and notes it, with its answer. Needs record.ps1.

# Start-Watch: Types are those whose static members a step asks, by name: it finds stand-ins for them in $MspctlRecord.Types.
function Start-Watch {
    param($Types)
    foreach ($name in @($Types.Keys)) {
        $MspctlRecord.Types[$name] = New-StandIn -Real $Types[$name] -Node (Add-Source -Kind type -Line $name)
    }
    Set-Item -Path function:global:New-Object -Value ${function:New-Watched}
}

# Add-Source: a new line of the record; gives the table in which the stand-in notes what it is asked.
function Add-Source {
    param([string]$Kind, [string]$Line, $Words = $null)
    $source = @{ source = $Kind; line = $Line; node = @{}; words = @(Get-SaidWord -Words $Words) }
    $null = $MspctlRecord.Calls.Add($source)
    return $source.node
}

# Takes the place of New-Object.
function New-Watched {
    param([string]$TypeName = '', [string]$ComObject = '', $ArgumentList = $null)
    $new = $MspctlRecord.New
    if ($ComObject) {
        $node = Add-Source -Kind com -Line $ComObject
        try {
            return New-StandIn -Real (& $new -ComObject $ComObject) -Node $node
        }
        catch {
            Write-Refusal -Into $node -Record $_
            throw
        }
    }
    if ($null -eq $ArgumentList) {
        $real = & $new -TypeName $TypeName
    }
    else {
        $words = $ArgumentList
        if ($words -isnot [array]) {
            $words = Get-Real -Value $words
        }
        $real = & $new -TypeName $TypeName -ArgumentList $words
    }
    $watched = 'System.Net.Sockets.TcpClient', 'System.Net.Sockets.UdpClient', 'System.Security.Principal.SecurityIdentifier',
    'System.IO.DirectoryInfo', 'System.IO.FileInfo'
    if ($watched -contains $TypeName) {
        return New-StandIn -Real $real -Node (Add-Source -Kind new -Line $TypeName -Words $ArgumentList)
    }
    return , $real
}

# Takes the place of [ADSI].
function Open-Entry {
    param([string]$Path)
    return New-StandIn -Real ([ADSI]$Path) -Node (Add-Source -Kind adsi -Line $Path)
}

# Takes the place of [System.Diagnostics.Process]::Start. What a program is given may be a password: it is noted only for lines of PowerShell.
function Start-Watched {
    param($Start)
    $line = ($Start.FileName + ' ' + $Start.Arguments).Trim()
    $node = Add-Source -Kind program -Line $line
    if ($Start.Arguments -notmatch '-EncodedCommand') {
        $node.StandardInput = $null
    }
    try {
        return New-StandIn -Real ([System.Diagnostics.Process]::Start($Start)) -Node $node
    }
    catch {
        Write-Refusal -Into $node -Record $_
        throw
    }
}

# A stand-in has those members of the real one that the step's text names.
function New-StandIn {
    param($Real, $Node)
    $new = $MspctlRecord.New
    $made = & $new -TypeName PSObject
    Add-Member -InputObject $made -MemberType NoteProperty -Name MspctlReal -Value $Real
    Add-Member -InputObject $made -MemberType NoteProperty -Name MspctlNode -Value $Node
    foreach ($name in $MspctlRecord.Members) {
        $kind = Get-MemberKind -Of $Real -Name $name
        if ($kind -eq 'method') {
            $code = [scriptblock]::Create("Invoke-Watched -Of `$this -Name '$name' -Words `$args")
            Add-Member -InputObject $made -MemberType ScriptMethod -Name $name -Value $code -Force
        }
        elseif ($kind -eq 'property') {
            $read = [scriptblock]::Create("Read-Watched -Of `$this -Name '$name'")
            $write = [scriptblock]::Create("Write-Watched -Of `$this -Name '$name' -Value `$args[0]")
            Add-Member -InputObject $made -MemberType ScriptProperty -Name $name -Value $read -SecondValue $write -Force
        }
    }
    return $made
}

# property, method or nothing.
function Get-MemberKind {
    param($Of, [string]$Name)
    if ('GetType', 'PSObject' -contains $Name) {
        return ''
    }
    # Of a type only static methods are asked.
    if ($Of -is [Type]) {
        return 'method'
    }
    $found = $Of.PSObject.Members[$Name]
    if ($null -eq $found) {
        return ''
    }
    # The indexer of a collection is asked as a method is.
    if ('Method', 'CodeMethod', 'ScriptMethod', 'ParameterizedProperty' -contains [string]$found.MemberType) {
        return 'method'
    }
    return 'property'
}

function Get-Real {
    param($Value)
    if ($null -ne $Value -and $Value -isnot [Type] -and $null -ne $Value.PSObject.Members['MspctlReal']) {
        return , $Value.MspctlReal
    }
    return , $Value
}

function Read-Watched {
    param($Of, [string]$Name)
    $value = $Of.MspctlReal.$Name
    if ($Name -eq 'StandardInput' -and $Of.MspctlNode.ContainsKey($Name) -and $null -eq $Of.MspctlNode.StandardInput) {
        return , $value
    }
    # Asked again, it is the same object.
    $note = @{ Is = $Of.MspctlNode[$Name] }
    $value = Get-Watched -Value $value -Note $note
    $Of.MspctlNode[$Name] = $note.Is
    return , $value
}

# Takes the place of InvokeMember with GetProperty.
function Read-Property {
    param($Of, [string]$Name)
    $real = $Of.MspctlReal
    $value = $real.GetType().InvokeMember($Name, 'GetProperty', $null, $real, $null)
    $Of.MspctlNode[$Name] = [string]$value
    return $value
}

function Write-Watched {
    param($Of, [string]$Name, $Value)
    $Of.MspctlReal.$Name = Get-Real -Value $Value
    if (-not $Of.MspctlNode.ContainsKey($Name)) {
        $Of.MspctlNode[$Name] = ''
    }
}

function Invoke-Watched {
    param($Of, [string]$Name, $Words)
    $new = $MspctlRecord.New
    $call = @{ words = @(Get-SaidWord -Words $Words); at = [DateTime]::UtcNow.ToString('o') }
    $key = $Name + '()'
    if (-not $Of.MspctlNode.ContainsKey($key)) {
        $Of.MspctlNode[$key] = & $new -TypeName System.Collections.ArrayList
    }
    $null = $Of.MspctlNode[$key].Add($call)
    $given = & $new -TypeName System.Collections.ArrayList
    foreach ($word in $Words) {
        $null = $given.Add((Get-Real -Value $word))
    }
    $note = @{ Is = $null }
    try {
        $value = Get-Watched -Value (Invoke-Real -Real $Of.MspctlReal -Name $Name -Given $given) -Note $note
    }
    catch {
        Write-Refusal -Into $call -Record $_
        throw
    }
    $call.answer = $note.Is
    return , $value
}

function Invoke-Real {
    param($Real, [string]$Name, $Given)
    if ($Real -is [Type]) {
        switch ($Given.Count) {
            0 { return , $Real::$Name() }
            1 { return , $Real::$Name($Given[0]) }
            2 { return , $Real::$Name($Given[0], $Given[1]) }
            3 { return , $Real::$Name($Given[0], $Given[1], $Given[2]) }
            4 { return , $Real::$Name($Given[0], $Given[1], $Given[2], $Given[3]) }
        }
    }
    switch ($Given.Count) {
        0 { return , $Real.$Name() }
        1 { return , $Real.$Name($Given[0]) }
        2 { return , $Real.$Name($Given[0], $Given[1]) }
        3 { return , $Real.$Name($Given[0], $Given[1], $Given[2]) }
        4 { return , $Real.$Name($Given[0], $Given[1], $Given[2], $Given[3]) }
    }
    throw "$Name takes more than four values: the recorder does not pass on so many"
}

# What the step gets in the place of an answer; Note.Is is what is kept of it.
function Get-Watched {
    param($Value, $Note)
    if ($null -eq $Value -or $Value -is [string] -or $Value -is [ValueType]) {
        $Note.Is = Copy-Recorded -Value $Value -Depth 0
        return , $Value
    }
    if ($Value -is [byte[]]) {
        $Note.Is = @{ bytes = [Convert]::ToBase64String($Value) }
        return , $Value
    }
    $items = @($Value)
    $alone = $items.Count -eq 1 -and [object]::ReferenceEquals($items[0], $Value)
    # A collection that the step asks for its items by number is an object of its own.
    $numbered = $MspctlRecord.Members -contains 'Item' -and (Get-MemberKind -Of $Value -Name Item)
    if ($Value -isnot [array] -and ($alone -or $numbered)) {
        if ($Note.Is -isnot [hashtable]) {
            $Note.Is = @{}
        }
        return New-StandIn -Real $Value -Node $Note.Is
    }
    $new = $MspctlRecord.New
    $kept = & $new -TypeName System.Collections.ArrayList
    $made = & $new -TypeName System.Collections.ArrayList
    foreach ($item in $items) {
        $one = @{ Is = $null }
        $null = $made.Add((Get-Watched -Value $item -Note $one))
        $null = $kept.Add($one.Is)
    }
    $Note.Is = $kept.ToArray()
    return , $made.ToArray()
}

# Of what a call was given, texts and numbers; bytes only where Start-Watched lets them be noted.
function Get-SaidWord {
    param($Words)
    foreach ($word in $Words) {
        if ($word -is [byte[]]) {
            'bytes:' + [Convert]::ToBase64String($word)
        }
        elseif ($word -is [string] -or $word -is [ValueType]) {
            [string]$word
        }
        else {
            '<object>'
        }
    }
}

# Why it was refused, by the first cause: what is around it tells of PowerShell and of the stand-in.
function Write-Refusal {
    param($Into, $Record)
    $base = $Record.Exception.GetBaseException()
    $Into.error = $base.Message
    $Into.hresult = $base.HResult
    $Into.kind = $base.GetType().FullName
}
