for _ in $(seq 60); do if test -f ~/.gitops-lab-scenario/wait.sh; then break; fi; sleep 1; done; bash ~/.gitops-lab-scenario/wait.sh && . ~/.gitops-lab-scenario/env.sh
