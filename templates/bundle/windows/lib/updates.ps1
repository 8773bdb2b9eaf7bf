# Windows Update, from within the system account's task: a remote session may neither download nor install, and on newer
# builds not even search. The rules of the policy are those of POSIX: lines CODE|NAME|VERSION|DETAIL.

# What may go wrong, in words (winerror.h and wuerror.h).
function Get-UpdateError {
    param([int]$Code)
    $hex = '0x{0:X8}' -f $Code
    $words = @{
        '0x80070002' = 'a file that the update needs is missing'
        '0x80070005' = 'access denied'
        '0x8007000D' = 'a file of the update is damaged'
        '0x8007000E' = 'not enough memory'
        '0x80070020' = 'a file is in use by another program'
        '0x80070070' = 'not enough room on the disk'
        '0x80070422' = 'the service Windows Update is disabled'
        '0x80070490' = 'the component store misses an entry (DISM /RestoreHealth)'
        '0x800705B4' = 'it took too long'
        '0x80070643' = 'the update''s installer failed'
        '0x800706BA' = 'a service that Windows Update needs does not answer'
        '0x800706BE' = 'a service that Windows Update needs has failed'
        '0x80072EE2' = 'the update server did not answer in time'
        '0x80072EE7' = 'the name of the update server cannot be resolved'
        '0x80072EFD' = 'no connection to the update server'
        '0x80072F8F' = 'the certificate of the update server is not valid: is the clock right?'
        '0x80073712' = 'the component store is damaged (DISM /RestoreHealth)'
        '0x800736B3' = 'the component store misses a part (DISM /RestoreHealth)'
        '0x800F081F' = 'the component store misses files (DISM /RestoreHealth)'
        '0x800F0823' = 'a newer servicing stack update has to be installed first'
        '0x800F0831' = 'an earlier update that it builds on is missing or damaged'
        '0x800F0922' = 'the system partition is full, or a service could not be reached'
        '0x8024000B' = 'it was cancelled'
        '0x80240016' = 'another installation is under way, or a reboot is due first'
        '0x80240017' = 'the update is not applicable here'
        '0x80240020' = 'it needs somebody to be logged in'
        '0x80240022' = 'every update failed'
        '0x80240024' = 'there is no update'
        '0x8024001E' = 'the service was stopped meanwhile'
        '0x8024002E' = 'the policy of the domain forbids it'
        '0x80240044' = 'only an administrator may do this'
        '0x80240438' = 'no route to the update server, or a proxy refuses'
        '0x8024200B' = 'the update''s installer failed'
        '0x8024401C' = 'the update server did not answer in time'
        '0x80244010' = 'the update server has more updates than the client may ask for in one go: the next search goes on'
        '0x80244017' = 'the update server or a proxy wants a login'
        '0x80244018' = 'the update server or a proxy forbids it'
        '0x80244019' = 'the update server does not have the file'
        '0x80244021' = 'a proxy cannot reach the update server'
        '0x80244022' = 'the update server is overloaded'
        '0x8024402C' = 'the name of the update server or of the proxy cannot be resolved'
        '0x80246007' = 'it was not downloaded'
        '0x80246008' = 'the background transfer service (BITS) does not answer'
        '0x80248007' = 'Windows Update''s own records are damaged (SoftwareDistribution)'
    }
    if ($words.ContainsKey($hex)) {
        return $words[$hex] + ' (' + $hex + ')'
    }
    return 'error ' + $hex
}

# What a call of Windows Update has thrown, in words; its own words where we have none for its number.
function Get-ThrownError {
    param($Record)
    $base = $Record.Exception.GetBaseException()
    $text = Get-UpdateError -Code $base.HResult
    if ($text -like 'error *') {
        return $text + ': ' + $base.Message
    }
    return $text
}

# Why one update of a download or an installation did not do: its own number, or how it ended where it has none.
function Get-ResultWhy {
    param($Result)
    if ($Result.HResult -ne 0) {
        return Get-UpdateError -Code $Result.HResult
    }
    $words = 'it was not begun', 'it has not ended', 'it went well', 'it ended with errors', 'it failed', 'it was aborted'
    return $words[[int]$Result.ResultCode] + ' (no error number)'
}

# All that is pending, newest of each line only: one hashtable per update, with the COM object as Update.
function Search-Update {
    $session = New-Object -ComObject Microsoft.Update.Session
    $session.ClientApplicationID = 'mspctl'
    $searcher = $session.CreateUpdateSearcher()
    try {
        $found = $searcher.Search("IsInstalled=0 and IsHidden=0 and Type='Software'")
    }
    catch {
        throw ('the search for updates failed: ' + (Get-ThrownError -Record $_))
    }
    if ($found.ResultCode -ne 2) {
        throw ('the search for updates ended with result ' + $found.ResultCode + ', not with success')
    }
    $all = New-Object -TypeName System.Collections.ArrayList
    # Installed but for the reboot: the reboot is reported, not the update, nor what goes with it.
    $replaced = @($found.Updates | Where-Object -FilterScript { $_.RebootRequired } | ForEach-Object -Process { $_.SupersededUpdateIDs })
    foreach ($update in $found.Updates) {
        if (-not $update.RebootRequired -and $replaced -notcontains $update.Identity.UpdateID) {
            $null = $all.Add((ConvertFrom-Update -Update $update))
        }
    }
    return , $all
}

function ConvertFrom-Update {
    param($Update)
    $id = $Update.Identity.UpdateID
    $name = $id
    $articles = @($Update.KBArticleIDs)
    if ($articles.Count -gt 0) {
        $name = 'KB' + $articles[0]
    }
    $version = $id + '.' + $Update.Identity.RevisionNumber
    if ($Update.Title -match 'Version ([0-9]+(\.[0-9]+)+)(?![0-9A-Za-z])') {
        $version = $Matches[1]
    }
    $security = 'no'
    $categories = @($Update.Categories | ForEach-Object -Process { $_.CategoryID })
    # Security Updates; Definition Updates.
    $wanted = '0fa1201d-4330-4fa8-8ae9-b877473b6441', 'e0789628-ce08-4437-be74-2495b842f43b'
    if ($Update.MsrcSeverity -or @($categories | Where-Object -FilterScript { $wanted -contains $_ }).Count -gt 0) {
        $security = 'yes'
    }
    # What Windows offers and does not install by itself: previews, and newer versions of Windows (the category Upgrades).
    $optional = $security -ne 'yes' -and ($Update.BrowseOnly -or $categories -contains (Get-CategoryId -Name upgrades))
    return @{
        Name = $name; Optional = $optional; Version = $version; Security = $security; Title = $Update.Title; Update = $Update; Id = $id
        Supersedes = @($Update.SupersededUpdateIDs); Advisories = (@($Update.CveIDs) -join ',')
        Categories = $categories; Released = [DateTime]$Update.LastDeploymentChangeTime
    }
}

# The categories of Windows Update by the same numbers in every language.
function Get-CategoryId {
    param([string]$Name)
    $all = @{
        'critical' = 'e6cf1350-c01b-414d-a61f-263d14d133b4'; 'security' = '0fa1201d-4330-4fa8-8ae9-b877473b6441'
        'definitions' = 'e0789628-ce08-4437-be74-2495b842f43b'; 'rollups' = '28bc880e-0592-4cbf-8f95-c79b17911d5f'
        'service-packs' = '68c5b0a3-d1a6-4553-ae49-01d3a7827828'; 'updates' = 'cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83'
        'feature-packs' = 'b54e7d24-7add-428f-8b75-90a396fa584f'; 'tools' = 'b4832bd8-e735-4761-8daf-37f882276dab'
        'upgrades' = '3689bdc8-b205-4af4-8d4a-a63924c5e9d5'
    }
    if (-not $all.ContainsKey($Name)) {
        throw "there is no category $Name of updates: one of critical, security, definitions, rollups, service-packs, updates, feature-packs, tools, upgrades"
    }
    return $all[$Name]
}

# Those of the categories and at least so old, in days since Microsoft brought out their present form. Who names the upgrades wants them.
function Select-Kind {
    param($All, [string[]]$Categories, [int]$MinAge)
    $ids = @($Categories | Where-Object -FilterScript { $_ } | ForEach-Object -Process { Get-CategoryId -Name $_ })
    $latest = [DateTime]::UtcNow.AddDays(-$MinAge)
    foreach ($each in $All) {
        if ($ids -contains (Get-CategoryId -Name upgrades)) {
            $each.Optional = $false
        }
        $fits = $ids.Count -eq 0 -or @($each.Categories | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0
        if ($fits -and ($MinAge -le 0 -or $each.Released -le $latest)) {
            $each
        }
    }
}

function ConvertFrom-Rule {
    param([string]$Line)
    $parts = @($Line -split '\|', 4)
    $codes = 'hold', 'reject', 'quarantine', 'exclude', 'include', 'approve', 'ripe'
    if ($codes -cnotcontains $parts[0] -or $parts.Count -lt 2 -or -not $parts[1]) {
        throw "the rule cannot be read: $Line"
    }
    $parts += '', ''
    $version = '*'
    if ($parts[2]) {
        $version = $parts[2]
    }
    return @{ Code = $parts[0]; Name = $parts[1] -replace '\[!', '[^'; Version = $version; Detail = $parts[3] }
}

# Test-Rule: the first rule of this code that fits the update, nothing if none does.
function Find-Rule {
    param($Rules, [string]$Code, $Update)
    foreach ($rule in $Rules) {
        if ($rule.Code -eq $Code -and $Update.Name -like $rule.Name -and $Update.Version -like $rule.Version) {
            return $rule
        }
    }
}

# Why the policy keeps an update back: reason and detail, nothing if it does not.
function Get-Bar {
    param($Update, $Rules, [string]$Approval, [int]$Days, [int]$SecurityDays)
    $reasons = @('hold', 'policy-hold'), @('reject', 'rejected'), @('quarantine', 'quarantined'), @('exclude', 'excluded')
    foreach ($pair in $reasons) {
        $rule = Find-Rule -Rules $Rules -Code $pair[0] -Update $Update
        if ($null -ne $rule) {
            return @{ Reason = $pair[1]; Detail = $rule.Detail }
        }
    }
    $included = @($Rules | Where-Object -FilterScript { $_.Code -eq 'include' }).Count -gt 0
    if ($included -and $null -eq (Find-Rule -Rules $Rules -Code include -Update $Update)) {
        return @{ Reason = 'not-included'; Detail = '' }
    }
    $waits = $Approval -eq 'all' -or ($Approval -eq 'feature' -and $Update.Security -ne 'yes')
    if (($waits -or $Update.Optional) -and $null -eq (Find-Rule -Rules $Rules -Code approve -Update $Update)) {
        if ($waits) {
            return @{ Reason = 'approval'; Detail = '' }
        }
        return @{ Reason = 'optional'; Detail = 'Windows offers it, and does not install it by itself' }
    }
    $wait = $Days
    if ($Update.Security -eq 'yes') {
        $wait = $SecurityDays
    }
    if ($wait -gt 0 -and $null -eq (Find-Rule -Rules $Rules -Code ripe -Update $Update)) {
        return @{ Reason = 'deferred'; Detail = "until it has been known for $wait days" }
    }
    if ($Update.Update.InstallationBehavior.CanRequestUserInput) {
        return @{ Reason = 'kept-back'; Detail = 'its installer wants to ask somebody' }
    }
}

# Splits what is pending: Chosen and Barred. What a chosen update replaces goes with it. A security update stays pending until another
# one replaces it: a preview that contains it may not be wanted.
function Select-Update {
    param($All, [string[]]$RuleLines, [string]$Scope, [string[]]$Names, [string]$Approval, [int]$Days, [int]$SecurityDays)
    $rules = @($RuleLines | Where-Object -FilterScript { $_ } | ForEach-Object -Process { ConvertFrom-Rule -Line $_ })
    $open = New-Object -TypeName System.Collections.ArrayList
    $barred = New-Object -TypeName System.Collections.ArrayList
    foreach ($each in $All) {
        if ($Scope -eq 'named' -and $Names -contains $each.Name) {
            $each.Optional = $false
        }
        $bar = Get-Bar -Update $each -Rules $rules -Approval $Approval -Days $Days -SecurityDays $SecurityDays
        if ($null -ne $bar) {
            $each.Bar = $bar
            $null = $barred.Add($each)
        }
        else {
            $null = $open.Add($each)
        }
    }
    $replaced = @($open | ForEach-Object -Process { $_.Supersedes })
    $secured = @($open | Where-Object -FilterScript { $_.Security -eq 'yes' } | ForEach-Object -Process { $_.Supersedes })
    $pending = @($open | Where-Object -FilterScript {
        $secured -notcontains $_.Id -and ($_.Security -eq 'yes' -or $replaced -notcontains $_.Id)
    })
    $wanted = @($pending | Where-Object -FilterScript {
        $Scope -eq 'all' -or ($Scope -eq 'security' -and $_.Security -eq 'yes') -or
        ($Scope -eq 'named' -and $Names -contains $_.Name)
    })
    $along = @($wanted | ForEach-Object -Process { $_.Supersedes })
    return @{
        Pending = $pending; Chosen = @($wanted | Where-Object -FilterScript { $along -notcontains $_.Id })
        Barred = @($barred | Where-Object -FilterScript { $replaced -notcontains $_.Id })
    }
}

function Write-UpdateReport {
    param($Split)
    foreach ($each in $Split.Pending) {
        $fields = @('old=', ('new=' + $each.Version), ('security=' + $each.Security), ('title=' + $each.Title), ('released=' + $each.Released.ToString('yyyy-MM-dd')))
        if ($each.Advisories) {
            $fields += 'advisories=' + $each.Advisories
        }
        Finding ('pending:' + $each.Name) @fields
    }
    foreach ($each in $Split.Barred) {
        Held $each.Name 'old=' ('new=' + $each.Version) ('security=' + $each.Security) ('reason=' + $each.Bar.Reason) ('detail=' + $each.Bar.Detail) ('title=' + $each.Title)
    }
    Metric packages.pending @($Split.Pending).Count
    Metric packages.security @($Split.Pending | Where-Object -FilterScript { $_.Security -eq 'yes' }).Count
    Metric packages.held @($Split.Barred).Count
    Metric packages.broken 0
}

# Downloads and installs; says Changed for each update that is in, Finding failed:NAME for each that is not.
function Install-ChosenUpdate {
    param($Chosen)
    $session = New-Object -ComObject Microsoft.Update.Session
    $session.ClientApplicationID = 'mspctl'
    $order = @(Get-DownloadedUpdate -Session $session -Chosen (Get-AcceptedUpdate -Chosen $Chosen))
    if ($order.Count -eq 0) {
        return
    }
    $installer = $session.CreateUpdateInstaller()
    $installer.ForceQuiet = $true
    $installer.Updates = New-UpdateList -Chosen $order
    if ($installer.IsBusy) {
        Failed 'another installation is under way'
        return
    }
    if ($installer.RebootRequiredBeforeInstallation) {
        Failed 'a reboot is due before anything can be installed'
        return
    }
    try {
        $result = $installer.Install()
    }
    catch {
        $why = 'the installation failed: ' + (Get-ThrownError -Record $_)
        foreach ($each in $order) {
            Write-UpdateFailure -Update $each -Why $why
        }
        return
    }
    for ($number = 0; $number -lt $order.Count; $number++) {
        $one = $result.GetUpdateResult($number)
        # 2: succeeded; 3: succeeded with errors.
        if ($one.ResultCode -eq 2) {
            $each = $order[$number]
            Changed $each.Name 'old=' ('new=' + $each.Version) ('security=' + $each.Security) ('title=' + $each.Title)
        }
        else {
            Write-UpdateFailure -Update $order[$number] -Why (Get-ResultWhy -Result $one)
        }
    }
}

function New-UpdateList {
    param($Chosen)
    $list = New-Object -ComObject Microsoft.Update.UpdateColl
    foreach ($each in $Chosen) {
        $null = $list.Add($each.Update)
    }
    return , $list
}

# Those whose licence is accepted; without that Windows Update takes none of the list.
function Get-AcceptedUpdate {
    param($Chosen)
    foreach ($each in $Chosen) {
        try {
            if (-not $each.Update.EulaAccepted) {
                $each.Update.AcceptEula()
            }
            $each
        }
        catch {
            Write-UpdateFailure -Update $each -Why ('its licence could not be accepted: ' + (Get-ThrownError -Record $_))
        }
    }
}

# Those that are on the host, also where the download of others has failed.
function Get-DownloadedUpdate {
    param($Session, $Chosen)
    $all = @($Chosen | Where-Object -FilterScript { $null -ne $_ })
    if ($all.Count -eq 0) {
        return
    }
    $result = $null
    $thrown = ''
    try {
        $downloader = $Session.CreateUpdateDownloader()
        $downloader.Updates = New-UpdateList -Chosen $all
        $result = $downloader.Download()
    }
    catch {
        $thrown = Get-ThrownError -Record $_
    }
    for ($number = 0; $number -lt $all.Count; $number++) {
        if ($all[$number].Update.IsDownloaded) {
            $all[$number]
            continue
        }
        $why = $thrown
        if ($null -ne $result) {
            $one = $result.GetUpdateResult($number)
            $why = Get-ResultWhy -Result $one
        }
        Write-UpdateFailure -Update $all[$number] -Why ('it could not be downloaded: ' + $why)
    }
}

function Write-UpdateFailure {
    param($Update, [string]$Why)
    Finding ('failed:' + $Update.Name) ('new=' + $Update.Version) ('version=' + $Update.Version) ('reason=' + $Why)
    Failed ($Update.Name + ' was not installed: ' + $Why)
}
