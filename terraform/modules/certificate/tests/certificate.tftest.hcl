mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:eu-central-1:111111111111:certificate/00000000-0000-0000-0000-000000000000"
      domain_validation_options = [{
        domain_name           = "test.shop.example"
        resource_record_name  = "_proof.test.shop.example."
        resource_record_type  = "CNAME"
        resource_record_value = "_value.acm-validations.aws."
      }]
    }
  }
}

variables {
  host    = "test.shop.example"
  zone_id = "Z00000000000"
}

run "the_proof_goes_into_the_zone_and_the_certificate_waits_for_it" {
  assert {
    condition     = aws_route53_record.proof.name == "_proof.test.shop.example." && aws_route53_record.proof.type == "CNAME"
    error_message = "The record must be the one AWS asks for."
  }
  assert {
    condition     = output.arn == "arn:aws:acm:eu-central-1:111111111111:certificate/00000000-0000-0000-0000-000000000000"
    error_message = "The output is the validated certificate."
  }
}
