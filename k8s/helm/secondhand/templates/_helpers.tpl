{{- define "secondhand.labels" -}}
app.kubernetes.io/name: secondhand
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: secondhand
environment: {{ .Values.environment }}
{{- end }}

{{- define "secondhand.selector" -}}
app.kubernetes.io/name: secondhand
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "secondhand.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "secondhand.labels" .root | nindent 2 }}
{{- end }}

{{/* Argo CD applies the waves in order and waits until each is healthy. */}}
{{- define "secondhand.wave" -}}
argocd.argoproj.io/sync-wave: {{ . | quote }}
{{- end }}

{{/* The site reads its settings from the environment; the keys are in no image, log or argument list. */}}
{{- define "secondhand.secretInEnvironment" -}}
checkov.io/skip1: CKV_K8S_35=The site takes its settings from the environment only
{{- end }}

{{- define "secondhand.image" -}}
{{ printf "%s@%s" .Values.image .Values.digest | quote }}
{{- end }}

{{- define "secondhand.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "secondhand.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "secondhand.environment" -}}
envFrom:
  - configMapRef:
      name: {{ .Release.Name }}
  - secretRef:
      name: {{ .Values.secret }}
{{- end }}

{{/* Jobs that need the database's owner: their ServiceAccount, and the settings that take the place of the site's. */}}
{{- define "secondhand.owner" -}}
{{ .Release.Name }}-owner
{{- end }}

{{- define "secondhand.ownersSettings" -}}
- configMapRef:
    name: {{ include "secondhand.owner" . }}
{{- end }}

{{- define "secondhand.mounts" -}}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  - name: rds-ca
    mountPath: /etc/rds
    readOnly: true
{{- end }}

{{- define "secondhand.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
- name: rds-ca
  configMap:
    name: {{ .Values.database.caConfigMap }}
{{- end }}
