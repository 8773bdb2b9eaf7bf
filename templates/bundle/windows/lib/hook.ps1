# Lines of the patch policy, and the file that says that the host is out of service. Needs lines.ps1.

# Invoke-Hook: runs a line; nothing if it ended with status 0, else why not.
function Invoke-Hook {
    param([string]$Name, [string]$Line)
    $result = Invoke-Line -Text $Line -Hook $Name
    if ($result.Status -ne 0) {
        return Add-Last -Text ($Name + ' ended with status ' + $result.Status) -Result $result
    }
}

# Beside the spools, where only the administrators and the system may write.
function Get-DrainedPath {
    return Join-Path -Path (Split-Path -Path $MspctlSpool -Parent) -ChildPath 'drained'
}

function Test-Drained {
    return [System.IO.File]::Exists((Get-DrainedPath))
}

function Clear-Drained {
    [System.IO.File]::Delete((Get-DrainedPath))
}

# Out of service, with a file that says so for whoever comes after a crash: nothing if it went well, else why the host is
# not rebooted. A host that could not be drained goes back into service.
function Invoke-Drain {
    param([string]$Drain, [string]$Undrain)
    [System.IO.File]::WriteAllText((Get-DrainedPath), '')
    $why = Invoke-Hook -Name drain -Line $Drain
    if (-not $why) {
        Note drained 'out of service'
        Keep drained yes
        return
    }
    $undone = ''
    if ($Undrain) {
        $undone = Invoke-Hook -Name undrain -Line $Undrain
    }
    if ($undone) {
        return "not rebooted: $why; and ${undone}: it may be out of service"
    }
    Clear-Drained
    if ($Undrain) {
        return "not rebooted: $why; it is back in service"
    }
    return "not rebooted: $why"
}
