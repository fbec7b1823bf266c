# Pins that new code is deployed, and only new code. With a name that does not follow the content Cloud Functions
# never builds again; with one that follows the path, each machine replaces the other's bundle.

mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "twilio" {
  source          = "./tests/mocks"
  override_during = plan
}

run "the_name_is_of_the_content" {
  command = plan

  assert {
    condition     = google_storage_bucket_object.bundle.name == "functions/${substr(filesha256("tests/testdata/bundle-1.txt"), 0, 16)}.zip"
    error_message = "The object's name must carry the bundle's hash."
  }
}

run "other_content_has_another_name" {
  command = plan

  variables {
    bundle = "tests/testdata/bundle-2.txt"
  }

  assert {
    condition     = google_storage_bucket_object.bundle.name != run.the_name_is_of_the_content.bundle_object && output.bundle_sha256 != run.the_name_is_of_the_content.bundle_sha256
    error_message = "A new bundle must be a new object."
  }
}

run "another_path_has_the_same_name" {
  command = plan

  variables {
    bundle = "./tests/../tests/testdata/bundle-1.txt"
  }

  assert {
    condition     = google_storage_bucket_object.bundle.name == run.the_name_is_of_the_content.bundle_object
    error_message = "The same bundle at another path must be the same object."
  }
}

# A plan does not show lifecycle rules to an assertion; test/tfdouble sees the order of the calls.
run "the_path_replaces_nothing" {
  command = plan

  module {
    source = "./tests/source"
  }

  assert {
    condition     = can(regex("ignore_changes\\s*=\\s*\\[source\\]", output.files["source.tf"]))
    error_message = "A path alone must replace nothing."
  }
}
