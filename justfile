# What there is to do, by name: `just` lists it. Each recipe is one command that can be typed without just.

_list:
    @just --list --unsorted

# Migrate the database and serve
start:
    cargo run --bin app

# Write a revision from what changed in the entities: just db-migrate "add task priority"
db-migrate message:
    cargo db revision --autogenerate -m {{ quote(message) }}

# Apply what is pending, up to `head` or another revision
db-upgrade revision="head":
    cargo db upgrade {{ revision }}

# Undo the newest revision, or go down to another
db-downgrade revision="-1":
    cargo db downgrade {{ revision }}

# Where the database is
db-current:
    cargo db current

# All revisions, newest first
db-history:
    cargo db history

# Whether entities, history and database agree
db-check:
    cargo db check

# All tests; PostgreSQL's too, where TEST_POSTGRES_URL names a server
test:
    cargo test --workspace

# What CI runs
ci:
    .ci/run

# Format, and mend what clippy can
fix:
    cargo fmt --all
    cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged

# A PostgreSQL for development, on 127.0.0.1
up-db:
    docker compose up --detach --wait db

# Database, migrations and service as containers
up:
    docker compose up --build --detach --wait

# Stop them; the data stays
down:
    docker compose down
