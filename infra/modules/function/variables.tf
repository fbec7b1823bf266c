variable "available_cpu" {
  description = "CPUs of an instance, such as \"1\"."
  type        = string
  nullable    = false
}

variable "available_memory" {
  description = "Memory of an instance, such as \"256Mi\"."
  type        = string
  nullable    = false
}

variable "build_roles" {
  description = "What the account that builds is allowed, by role, in any words: another text has the function wait until it holds."
  type        = map(string)
  nullable    = false
}

variable "build_service_account" {
  description = "E-mail address of the account that builds the function."
  type        = string
  nullable    = false
}

variable "bundle" {
  description = "The source as an object in Cloud Storage."
  type        = object({ bucket = string, object = string, generation = number })
  nullable    = false
}

variable "concurrency" {
  description = "Requests that one instance serves at once."
  type        = number
  nullable    = false

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000
    error_message = "Cloud Run serves 1 to 1000 requests at once."
  }
}

variable "description" {
  description = "What the function is for, in a few words."
  type        = string
  nullable    = false
}

variable "entry_point" {
  description = "The name under which the code registers the function."
  type        = string
  nullable    = false
}

variable "environment_variables" {
  description = "The function's settings."
  type        = map(string)
  nullable    = false
}

variable "invokers" {
  description = "Who may call the function: a name of your choice to an IAM member."
  type        = map(string)
  nullable    = false
}

variable "max_instances" {
  description = "Instances at most."
  type        = number
  nullable    = false
}

variable "min_instances" {
  description = "Instances kept warm."
  type        = number
  nullable    = false
}

variable "name" {
  description = "Name of the function, of the Cloud Run service behind it, and of its account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.name))
    error_message = "The name is also an account's: 6 to 30 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
  }
}

variable "project_id" {
  description = "Google Cloud project."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Google Cloud region."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Runtime of Cloud Functions, such as \"go126\"."
  type        = string
  nullable    = false
}

variable "secret_environment_variables" {
  description = "The function's secret settings: name to secret and version in Secret Manager, same project."
  type        = map(object({ secret = string, version = string }))
  nullable    = false
}

variable "timeout_seconds" {
  description = "A request may take this long, in seconds."
  type        = number
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 3600
    error_message = "Cloud Run lets a request take 1 to 3600 seconds."
  }
}
