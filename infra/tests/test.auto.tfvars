# What every run needs; a run's own variables come on top. No real account, project or secret.
environment    = "test"
project_id     = "flexsweep-test"
project_number = "100000000000"
region         = "europe-west1"
bundle         = "tests/testdata/bundle-1.txt"

twilio_account_sid = "AC00000000000000000000000000000000"
twilio_api_key     = "SK00000000000000000000000000000000"
twilio_api_secret  = "apisecret"
twilio_auth_token  = "authtoken"
chat_service_sids  = ["IS00000000000000000000000000000000"]
