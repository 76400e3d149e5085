# bash reads this where BASH_ENV names it, see `started_with`.
export PYTHONPATH="$SWIFT_PATH"
