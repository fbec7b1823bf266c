# Pins the rights in the project. A primitive role (owner, editor, viewer) or an admin role, added to get past a 403,
# works at once and stays for ever.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "only_the_build_has_rights_in_the_project" {
  command = plan

  assert {
    condition = toset([for binding in google_project_iam_member.build : binding.role]) == toset([
      "roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer",
    ])
    error_message = "The build account needs these three roles and no other."
  }

  assert {
    condition     = alltrue([for binding in google_project_iam_member.build : binding.member == google_service_account.build.member])
    error_message = "The build's roles must go to the build's account."
  }
}

run "the_build_reads_sources_only" {
  command = plan

  assert {
    condition = (
      google_project_iam_member.build["roles/storage.objectViewer"].condition[0].expression ==
      "resource.name.startsWith(\"projects/_/buckets/flexsweep-test-flexsweep-test-source/objects/\") || resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-100000000000-europe-west1/objects/\")"
    )
    error_message = "The build may read our source bucket and Google's copy of it, and no other bucket of the project: the state is in one of them."
  }
}

run "no_other_file_binds_project_roles" {
  command = plan

  module {
    source = "./tests/source"
  }

  assert {
    condition = length(flatten([
      for text in values(output.files) : regexall("resource \"google_project_iam_[a-z]+\"", text)
    ])) == 1
    error_message = "There is a second resource that binds roles in the project: the first assertion of this file does not see it. Bind on the object itself, or extend the test."
  }
}
