# Any product: the newest file that a pattern matches. That it is whole is not known; only that it is there.
function Read-files {
    param([string]$Of)
    $newest = @(Get-ChildItem -Path $Of -File -Force -ErrorAction SilentlyContinue | Sort-Object -Property LastWriteTime -Descending)
    if ($newest.Count -eq 0) {
        Saw bad $null $null ('there is no file ' + $Of)
        return
    }
    Saw good $newest[0].LastWriteTime $newest[0].Length $newest[0].FullName
}
