# Veeam Agent for Windows: its event log, `of` the name of a job. The last one that ended decides; Veeam does not say there how large it is.
function Read-veeam-agent {
    param([string]$Of)
    Read-JobEvent -Log 'Veeam Agent' -Id 190 -Job $Of
}
