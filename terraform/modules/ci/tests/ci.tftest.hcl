mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/mock" }
  }
  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  name        = "secondhand-test"
  environment = "test"
  account_id  = "111111111111"
  repository  = "secondhand/secondhand"
}

run "a_role_is_taken_by_one_environment_of_one_repository" {
  assert {
    condition = {
      for key, role in aws_iam_role.this : key => jsondecode(role.assume_role_policy).Statement[0].Condition
      } == {
      for key, suffix in { plan = "-plan", apply = "-apply" } : key => {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:secondhand/secondhand:environment:test${suffix}"
        }
      }
    }
    error_message = "Both claims must be compared with StringEquals, and no other condition may weaken them."
  }
}

run "a_younger_repository_is_named_with_its_numbers" {
  command = plan

  variables {
    repository = "secondhand@1234/secondhand@5678"
  }

  assert {
    condition     = strcontains(aws_iam_role.this["plan"].assume_role_policy, "repo:secondhand@1234/secondhand@5678:environment:test-plan")
    error_message = "The subject of GitHub's tokens holds the numbers of owner and repository."
  }
}

run "planning_can_only_read" {
  assert {
    condition     = aws_iam_role_policy_attachment.plan.policy_arn == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    error_message = "The plan role must not write."
  }
}

run "applying_can_make_no_role_outside_its_environment" {
  assert {
    condition     = jsondecode(aws_iam_role_policy.apply.policy).Statement[0].Resource == "arn:aws:iam::111111111111:role/secondhand-test-*"
    error_message = "Roles are limited by their names."
  }
}

run "applying_cannot_widen_its_own_rights" {
  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.apply.policy).Statement : statement.Resource if statement.Effect == "Deny"
    ] == ["arn:aws:iam::111111111111:role/secondhand-test-ci-*"]
    error_message = "The roles of GitHub Actions are changed by people."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.this : startswith(role.name, "secondhand-test-ci-")])
    error_message = "The roles must have the name that is denied."
  }
}

run "a_repository_has_an_owner" {
  command = plan

  variables {
    repository = "secondhand"
  }

  expect_failures = [var.repository]
}
