# Databases, each `postgresql:NAME` or `mariadb:NAME`. Set before: pg_socket, maria_socket (where the servers of this host listen;
# empty: where they do by default). What programs say on stderr goes to $spool/database.

# as_user USER PROGRAM ARGUMENT…: with our stdin, stdout and stderr.
as_user() {
    _user=$1
    shift
    # So that su takes no argument of the program for one of its own.
    POSIXLY_CORRECT=1 su -s /bin/sh -c 'unset POSIXLY_CORRECT; cd / && exec "$@"' "$_user" sh "$@"
}

pg_client() {
    (
        [ -z "$pg_socket" ] || export PGHOST="$pg_socket"
        export PGCONNECT_TIMEOUT=10 PGUSER=postgres
        as_user postgres "$@"
    )
}

pg_query() { pg_client psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 "$@"; }

# maria NAME ARGUMENT…: the program called mariadb… or, in older days, mysql….
maria() {
    _program=$1
    shift
    command -v "$_program" >/dev/null 2>&1 || _program=mysql${_program#mariadb}
    set -- "$_program" "$@"
    if [ -n "$maria_socket" ]; then
        shift
        set -- "$_program" --no-defaults "--socket=$maria_socket" "--user=${maria_user:-root}" "$@"
    fi
    "$@"
}

# list_databases WANTED: sets databases, a line each, from lines of which the name may be `*`; false, with database_said, if a server
# does not say what it has, or what is wanted is not there.
list_databases() {
    databases='' database_said=''
    each_line list_one "$1"
    [ -z "$database_said" ]
}

list_one() {
    case $1 in
    postgresql:*)
        _has=$(pg_query -d postgres -c "select datname from pg_database where datallowconn and not datistemplate order by 1" 2>"$spool/database") || cannot_ask "PostgreSQL"
        ;;
    mariadb:*)
        _has=$(maria mariadb -N -B -e "select schema_name from information_schema.schemata where schema_name not in ('information_schema','performance_schema','mysql','sys') order by 1" 2>"$spool/database") || cannot_ask "MariaDB"
        ;;
    esac
    if [ "${1#*:}" = '*' ]; then
        [ -n "$_has" ] || database_said="${database_said:+$database_said; }there is no database in ${1%%:*}"
        _kind=${1%%:*}
        for _name in $_has; do databases="$databases$_kind:$_name$NL"; done
        return 0
    fi
    case "$NL$_has$NL" in
    *"$NL${1#*:}$NL"*) databases="$databases$1$NL" ;;
    *) [ -n "$database_said" ] || database_said="there is no database ${1#*:} in ${1%%:*}" ;;
    esac
}

cannot_ask() {
    database_said="${database_said:+$database_said; }$1 does not answer: $(database_words)"
}

# After its error pg_restore tells the command, and ends with empty lines.
database_words() { { grep 'ERROR:' "$spool/database" || grep . "$spool/database"; } | tail -n 1 | tr -d '\000' | cut -c 1-300; }

# How many rows each table has, as `T COUNT NAME`.
pg_counts="select 'T', (xpath('/row/c/text()', query_to_xml(format('select count(*) as c from %I.%I', n.nspname, c.relname), false, true, '')))[1]::text, n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 3"

maria_counts() {
    maria mariadb "$@" -N -B -e "select concat('select ''T'', count(*), ', quote(table_name), ' from \`', replace(table_name, '\`', '\`\`'), '\`;') from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE' order by table_name" >"$spool/questions" || return 1
    maria mariadb "$@" -N -B <"$spool/questions" >"$spool/answers" || return 1
    tr '\t' ' ' <"$spool/answers"
}

# The roles of a server, as a database called +roles: who may log in with which password, and who may do what. Of PostgreSQL each is kept beside
# the dump as `U FINGERPRINT NAME`.
is_roles() { [ "$1" = +roles ]; }

# dump_file KIND NAME: sets REPLY to the name of the dump in its snapshot; no database has a + in its own.
dump_file() {
    REPLY=$1-$2.dump
    if is_roles "$2"; then REPLY=$1$2.dump; fi
}

pg_roles() {
    _all="concat_ws('|', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, extract(epoch from rolvaliduntil), rolpassword, (select setconfig::text from pg_db_role_setting s where s.setrole = a.oid and s.setdatabase = 0), (select string_agg(distinct g.rolname || m.admin_option, ',') from pg_auth_members m join pg_authid g on g.oid = m.roleid where m.member = a.oid))"
    # Where only approved hashes are allowed, there is no md5; before 11 there is no sha256.
    for _hash in "md5($_all)" "encode(sha256(convert_to($_all, 'UTF8')), 'hex')"; do
        pg_query -d postgres -c "select 'U', $_hash, rolname from pg_authid a where rolname !~ '^pg_' and position(chr(10) in rolname) = 0 order by 3" && return 0
    done
}

dump_pg_roles() {
    pg_roles >"$spool/before" 2>>"$spool/database" || return 1
    pg_client pg_dumpall --globals-only 2>>"$spool/database" || return 1
    pg_roles >"$spool/after" 2>>"$spool/database" || return 1
    # What changed meanwhile has nothing to be held to.
    grep -F -x -f "$spool/before" "$spool/after" >"$spool/counts"
}

# dump_maria_roles: one that is there already is no error when it is loaded.
dump_maria_roles() { maria mariadb-dump --system=users --insert-ignore; }

# dump_postgresql NAME: to stdout; the counts, of the very moment that the dump is of, to $spool/counts.
dump_postgresql() {
    if is_roles "$1"; then dump_pg_roles; return; fi
    rm -f "$spool/sql"
    mkfifo "$spool/sql"
    pg_query -d "$1" <"$spool/sql" >"$spool/counted" 2>>"$spool/database" &
    _counter=$!
    exec 7>"$spool/sql"
    printf 'begin isolation level repeatable read read only;\nselect pg_export_snapshot();\n' >&7
    _moment='' _tries=0
    while [ -z "$_moment" ] && [ "$_tries" -lt 100 ] && kill -0 "$_counter" 2>/dev/null; do
        _tries=$((_tries + 1))
        _moment=$(head -n 1 "$spool/counted")
        [ -n "$_moment" ] || sleep 0.1 2>/dev/null || sleep 1
    done
    _dumped=1
    if [ -n "$_moment" ]; then
        pg_client pg_dump -Fc -Z0 "--snapshot=$_moment" -d "$1" 2>>"$spool/database"
        _dumped=$?
        printf '%s;\ncommit;\n' "$pg_counts" >&7
    fi
    exec 7>&-
    wait "$_counter" || _dumped=1
    sed 1d "$spool/counted" >"$spool/counts"
    return "$_dumped"
}

# dump_mariadb NAME: likewise; the counts that were the same before and after. Of a table that changed meanwhile it is kept as `N NAME` that
# it has to be there.
dump_mariadb() {
    if is_roles "$1"; then dump_maria_roles 2>>"$spool/database"; return; fi
    maria_counts "$1" >"$spool/before" 2>>"$spool/database" || return 1
    maria mariadb-dump --single-transaction --routines --triggers --events "$1" 2>>"$spool/database" || return 1
    maria_counts "$1" >"$spool/after" 2>>"$spool/database" || return 1
    awk '
        { name = $0; sub(/^T [0-9]* /, "", name) }
        first { before[name] = $0; next }
        name in before { print before[name] == $0 ? $0 : "N " name }' first=1 "$spool/before" first= "$spool/after" >"$spool/counts"
}
