provider "google" {
  project = var.project_id
  region  = var.region

  default_labels = merge(var.labels, {
    app         = var.name_prefix
    environment = var.environment
  })
}

# All three are given here, because what is left out the provider takes from
# TWILIO_… environment variables, which may be those of another account.
# It neither retries nor treats 404 as "gone"; `flexsweep apply` and `flexsweep heal` do.
provider "twilio" {
  username    = var.twilio_api_key
  password    = var.twilio_api_secret
  account_sid = var.twilio_account_sid
}
