# A small configuration that needs no provider: what the commands do with Terraform can be
# tried on it without anything else.

terraform {
  required_version = ">= 1.11, < 2.0"
  backend "local" {}
}

resource "terraform_data" "bundle" {
  triggers_replace = [filesha256(var.bundle)]
  input            = var.greeting
}

resource "terraform_data" "ledger" {
  input = "kept"

  lifecycle {
    prevent_destroy = true
  }
}

variable "bundle" {
  description = "Path of the archive."
  type        = string
}

variable "environment" {
  description = "Name of the environment."
  type        = string
}

variable "greeting" {
  description = "What is said."
  type        = string
  default     = "hello"

  validation {
    condition     = var.greeting != ""
    error_message = "Say something."
  }
}

variable "project_id" {
  description = "The project."
  type        = string
}

variable "protected" {
  description = "Whether the guard watches."
  type        = bool
  default     = false
}

variable "twilio_api_secret" {
  description = "Secret."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "twilio_auth_token" {
  description = "Secret."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "twilio_auth_token_secondary" {
  description = "Secret."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}

output "greeting" {
  description = "What was said."
  value       = terraform_data.bundle.output
}

output "environment" {
  description = "Where."
  value       = var.environment
}
