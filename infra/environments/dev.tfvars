# For trying things out: on a Twilio account (or subaccount) whose channels nobody misses.
environment = "dev"
protected   = false

# The Google Cloud project, and its number:
#   gcloud projects describe PROJECT --format='value(projectNumber)'
project_id     = "your-dev-project"
project_number = "100000000000"
region         = "europe-west1"

# The Twilio account, an API key of it, and its Flex Chat Service. The key's secret and the Auth Token are not
# written here: they come from TWILIO_API_SECRET and TWILIO_AUTH_TOKEN (docs/deploy.md).
twilio_account_sid = "AC00000000000000000000000000000000"
twilio_api_key     = "SK00000000000000000000000000000000"
chat_service_sids  = ["IS00000000000000000000000000000000"]

# Short, to see channels go within a working day.
retention = "2h"
schedule  = "*/15 * * * *"
dry_run   = false
