# Sourced by each terminal: leads its kubectl, git and curl to the lab.
. "$HOME/.gitops-lab-scenario/paths.sh"
eval "$(gitops-lab env)"
cd "$LAB_DIR" || true
