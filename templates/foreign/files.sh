# Any product: the newest file that a glob matches. That it is whole is not known; only that it is there.
foreign_files() {
    _newest='' _at=0
    # The glob is to be expanded, and blanks in it are blanks.
    IFS=''
    set +f
    for _file in $1; do
        [ -f "$_file" ] || continue
        _when=$(stat -c %Y -- "$_file") || continue
        if [ -z "$_newest" ] || [ "$_when" -gt "$_at" ]; then _newest=$_file _at=$_when; fi
    done
    if [ -z "$_newest" ]; then saw bad '' '' "there is no file $1"; return 0; fi
    saw good "$_at" "$(stat -c %s -- "$_newest")" "$_newest"
}
