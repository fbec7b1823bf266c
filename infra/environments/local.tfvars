# On this machine, with the fake Twilio, stand-in providers and no account: `make apply ENV=local`. The tool adds what it
# knows only at run time: the bundle, the addresses, and the fake's account, key and chat service.
environment = "local"
protected   = false

project_id     = "flexsweep-local"
project_number = "100000000000"
region         = "europe-west1"

# Often, because nothing costs anything here; and for real, because nothing is real.
schedule = "* * * * *"
dry_run  = false

# The fake has no limit of its own.
twilio_requests_per_second = 1000
