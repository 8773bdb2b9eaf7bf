# Veeam Backup & Replication: the event log of its server, `of` the name of a job. The last one that ended decides.
function Read-veeam-server {
    param([string]$Of)
    Read-JobEvent -Log 'Veeam Backup' -Id 190 -Job $Of
}
