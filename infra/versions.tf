terraform {
  # 1.11: write-only arguments, which keep the secrets out of plan and state.
  required_version = ">= 1.11, < 2.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
    twilio = {
      source  = "twilio/twilio"
      version = "~> 0.18.46"
    }
  }

  # Bucket and prefix come from environments/<name>.gcs.tfbackend.
  backend "gcs" {}
}
