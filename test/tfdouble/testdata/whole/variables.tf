terraform {
  required_version = ">= 1.11"
  required_providers {
    google = { source = "hashicorp/google" }
    time   = { source = "hashicorp/time" }
    twilio = { source = "twilio/twilio" }
  }
}

provider "google" {
  project = var.project
  region  = "europe-west1"
}

provider "twilio" {
  username = var.username
  password = var.token
}

variable "name" {
  type    = string
  default = "whole"
}

variable "project" {
  type    = string
  default = "a-project"
}

variable "bundle" {
  type = string
}

variable "webhook_url" {
  type    = string
  default = "https://example.com/event-streams"
}

variable "event_types" {
  type    = list(string)
  default = ["com.twilio.taskrouter.task.completed", "com.twilio.taskrouter.task.created"]
}

variable "username" {
  type = string
}

variable "token" {
  type      = string
  ephemeral = true
  sensitive = true
}

variable "token_version" {
  type    = string
  default = "1"
}

output "function_uri" {
  value = google_cloudfunctions2_function.webhook.service_config[0].uri
}
