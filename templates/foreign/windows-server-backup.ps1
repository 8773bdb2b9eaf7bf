# Windows Server Backup: its own summary. It has one job; `of` says nothing here, and nothing says how large the backup is.
function Read-windows-server-backup {
    param([string]$Of)
    if ($null -eq (Get-Command -Name Get-WBSummary -ErrorAction SilentlyContinue)) {
        Saw unknown $null $null 'Windows Server Backup is not installed'
        return
    }
    $summary = Get-WBSummary
    $at = $summary.LastSuccessfulBackupTime
    # Never is the year 1.
    if ($null -eq $at -or $at.Year -lt 2000) {
        Saw bad $null $null 'no backup has ever succeeded'
        return
    }
    if ($summary.LastBackupResultHR -ne 0) {
        $code = '0x{0:X8}' -f [long]$summary.LastBackupResultHR
        Saw bad $at $null ('the last backup failed with ' + $code)
        return
    }
    Saw good $at $null 'the last backup that succeeded'
}
