#!/bin/sh
# Makes the secrets that compose.yml names, once; what is there stays. Keep a copy of secrets/data_key away from your backups.
set -eu
umask 077
cd "$(dirname "$0")/../.."
mkdir -p secrets
random() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
plain() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
keep() { [ -s "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"; }
keep secret_key "$(random)"
keep data_key "$(random)"
keep metrics_token "$(plain)"
keep database_password "$(plain)"
keep database_url "postgresql+psycopg2://abiline:$(cat secrets/database_password)@postgres:5432/abiline"
keep redis_url "redis://redis:6379/0"
# Containers read them as another user than you.
chmod 644 secrets/*
chmod 700 secrets  # nobody else on this machine gets as far as the files
echo "secrets/ is ready"
