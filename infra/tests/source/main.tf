# The configuration's own text, for the tests of what a plan does not show to an assertion: lifecycle rules,
# and what is not there at all.

locals {
  root = "${path.module}/../.."
}

output "files" {
  description = "Every .tf file that is applied, by its path in infra/."
  value = {
    for path in setunion(fileset(local.root, "*.tf"), fileset(local.root, "modules/**/*.tf")) :
    path => file("${local.root}/${path}")
  }
}
