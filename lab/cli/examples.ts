/** Command lines worth trying, by the name of the command as `--help` spells it, each with what it does. */
export const EXAMPLES: Readonly<Record<string, readonly (readonly [line: string, does: string])[]>> = {
  'gitops-lab': [
    ['gitops-lab', 'start the lab, or go on where you were'],
    ['gitops-lab run', 'do the whole course unattended'],
    ['gitops-lab shell', 'work in a terminal of your own'],
  ],
  run: [
    ['gitops-lab run', 'all steps'],
    ['gitops-lab run 1 2', 'the first two'],
    ['gitops-lab run --until argocd', 'up to and with the step argocd'],
    ['gitops-lab run --json | jq .', 'events for programs'],
  ],
  check: [
    ['gitops-lab check', 'the task that you are at'],
    ['gitops-lab check 2/push-app', 'one task'],
    ['gitops-lab check 2 --now --json', 'a whole step, asked afresh, for programs'],
  ],
  why: [
    ['gitops-lab why', 'what holds it up, and what to do next'],
    ["gitops-lab why --json | jq '.[].cause.id'", 'the causes, for programs'],
  ],
  status: [['gitops-lab status', 'what runs, and how far you are']],
  nudge: [['gitops-lab nudge', 'the key f of the terminal UI, for a script']],
  timers: [['gitops-lab timers', 'whose turn it is, and when']],
  snapshots: [['gitops-lab snapshots', 'what can be restored']],
  doctor: [['gitops-lab doctor', 'look at this machine before a class']],
  reset: [['gitops-lab reset --yes', 'begin anew without a question']],
  down: [['gitops-lab down', 'end the background process; nothing is lost']],
  env: [['eval "$(gitops-lab env)"', 'make this shell the lab’s']],
  shell: [['gitops-lab shell', 'kubectl, git and curl set up for the lab; exit leads back']],
  snapshot: [['gitops-lab snapshot before-lunch', 'save the world and your progress']],
  restore: [['gitops-lab restore before-lunch', 'put both back']],
  drill: [
    ['gitops-lab drill', 'what there is, and your best times'],
    ['gitops-lab drill stuck-rollout', 'save the world, then let something go wrong in it'],
    ['gitops-lab drill --hint', 'the next hint'],
    ['gitops-lab drill --undo', 'put the world back'],
  ],
  demo: [
    ['gitops-lab demo', 'the whole course, a key at a time'],
    ['gitops-lab demo 4', 'from step 4 on'],
    ['gitops-lab demo --auto --speed 3', 'by itself, typing three times as fast as a hand'],
    ['gitops-lab demo --auto --record demo.cast', 'a recording; asciinema play demo.cast shows it'],
  ],
  notes: [
    ['gitops-lab notes', 'beside `gitops-lab demo`, in another terminal'],
    ['gitops-lab notes --browser', 'the same as a page'],
  ],
  'sandbox up': [
    ['gitops-lab sandbox up', 'start it'],
    ["gitops-lab sandbox up --simulate-images 'docker.io/*'", 'pods of images that nobody has are treated as pause'],
  ],
  'sandbox down': [['gitops-lab sandbox down', 'end it; its state stays']],
  'sandbox status': [['gitops-lab sandbox status --json', 'its parts and addresses']],
  'sandbox logs': [['gitops-lab sandbox logs --lines 20', 'the last it had to say']],
  lint: [
    ['gitops-lab lint', 'the built-in lab'],
    ['gitops-lab lint my-lab --prove', 'play a lab of your own and prove its checks'],
  ],
  new: [['gitops-lab new my-lab', 'two steps to start from; then: gitops-lab lint my-lab --prove']],
  'export killercoda': [
    ['gitops-lab export killercoda --out scenario', 'then push that folder, and connect it at Killercoda'],
    [
      'gitops-lab export killercoda --out scenario --package gitops-lab-0.1.0.tgz',
      'with a package that was made before',
    ],
  ],
  completion: [
    ['source <(gitops-lab completion bash)', 'in ~/.bashrc'],
    ['source <(gitops-lab completion zsh)', 'in ~/.zshrc, after compinit'],
    ['gitops-lab completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
}
