/** Every code that a diagnostic may carry, with its meaning. docs/errors.md is made of this table, and a test compares it with the sources both ways. */
export const codes = {
  'action/failed':
    'An action on a host or a service failed. The message shows its exit or status and its own words. The actions before it were done.',
  'action/lost':
    'The answer of an action did not arrive, so it is unknown whether the action was done. Run again: what is true is left alone.',
  'action/trouble': 'A warning: a command did its work and reported trouble on the way.',
  'advice/command-sentence':
    'A warning: the sentence of a task is a command. Say what is true after the task.',
  'advice/contradiction':
    'A warning: two tasks of a play want different values for the same thing, so each run undoes one of them.',
  'advice/missing-param':
    'A warning: a task leaves out a param, and what it makes is less safe than it looks: permissions that it does not say, or a content that nothing proves.',
  'advice/plain-secret': 'A warning: the playbook holds a secret in plain text.',
  'advice/risky-mode': 'A warning: every user of the host may write to what a task makes.',
  'advice/risky-value': 'A warning: a value of a param makes the host less safe.',
  'advice/shell-text':
    'A warning: a value of a host, an input or a var becomes part of the program text of a shell, which carries out what stands in it.',
  'advice/unguarded-run':
    'A warning: a `run` task acts at every run, because it does not say when it is not needed.',
  'advice/unused-handler': 'A warning: no task notifies a handler, so it never runs.',
  'advice/unused-input': 'A warning: nothing reads an input of the playbook.',
  'advice/unused-register': 'A warning: nothing reads what a task registers.',
  'become/failed':
    'sudo did not let the login user become the other user. Try the command of the hint on the host.',
  'become/no-sudo': 'The host has no sudo. Install it, or log in as the user itself.',
  'become/not-allowed': 'The login user may not become that user: sudoers must allow it.',
  'become/password-needed':
    'sudo asks for a password, and the inventory gives none. Give one with --ask-become-pass or in the inventory, or allow NOPASSWD.',
  'become/password-wrong':
    'sudo refused the password. trueup does not try it again, so that no account is locked.',
  'become/prompt': 'sudo asked for something else than a password, or did not continue.',
  'become/requiretty': 'sudo on that host works on terminals only.',
  'become/user': '`become_user` is not the name of a user.',
  'cases/law':
    'A type breaks a law of types, or does not do what its case says. The message shows the case.',
  'cases/none': 'A type has no cases. `trueup new type` writes some to begin with.',
  'cli/duration': 'An option needs a duration: `24h`, `90m`, `7d`.',
  'cli/exists': 'A file to be written exists already. trueup never overwrites it.',
  'cli/input': 'A value of `-e` is not `key=value`, or its file is not a map.',
  'cli/input-file': 'The file of `-e @file` cannot be read.',
  'cli/log-to':
    'A log that the records of a run should go to is neither `syslog` nor the address of a collector.',
  'cli/no-code': '`trueup explain` knows no code of that name. docs/errors.md lists all of them.',
  'cli/no-confirm': 'No `confirm` of the playbook has the sentence that `--confirm` gives.',
  'cli/no-inventory': 'No inventory was given and ./inventory does not exist. Name one with `-i`.',
  'cli/no-tag': 'No task of the playbook has that tag.',
  'cli/no-task': 'No task of the playbook has that sentence or number.',
  'cli/no-terminal': 'A question needs a terminal, and trueup does not run in one.',
  'cli/no-types': 'The file or folder has no resource type.',
  'cli/not-shipped':
    'trueup has no shipped file or folder of that name. `trueup shipped` lists them.',
  'cli/not-written': 'A file cannot be written there.',
  'cli/one-host': '`--host` needs the name of one host.',
  'cli/out': '`-o` saves a plan to a file; the form of the output is `--output`.',
  'cli/report': 'A report is asked for in a form that trueup does not have, or two want one place.',
  'cli/secret-typed':
    'A warning: the value of a secret input stands on the command line, where other users can read it. Give it in a file.',
  'cli/since': '`--since` takes a duration or a date.',
  'cli/unknown-type': 'No resource type has that name.',
  'config/not-read': 'A configuration file exists and cannot be read.',
  'config/on-end':
    'A warning: the command or the webhook of `on_end` failed. The run itself is not affected.',
  'config/password':
    'The file of the sudo password cannot be read, other users can read it, or it does not hold one line.',
  'config/unknown-setting': 'A key of a configuration file that is not a setting.',
  'config/unknown-variable':
    'A warning: an environment variable looks like a setting of trueup, and is not one.',
  'config/value': 'A value of the configuration does not fit its setting.',
  'connect/ca': 'The file with the authorities of a service cannot be read.',
  'connect/host-key-after-boot':
    'A warning: a host that this run booted showed a new host key, which holds for this run only.',
  'connect/host-key-authority':
    'The host is known by a certificate authority only, and host certificates are not checked. The hint says what to do.',
  'connect/host-key-changed':
    'The host showed another key than the known one. Another machine may answer in its place: find out before you continue.',
  'connect/host-key-revoked': 'The host showed a key that is marked as revoked.',
  'connect/host-key-short': 'The host showed an RSA key that is shorter than RequiredRSASize.',
  'connect/host-key-unchecked':
    'A warning: host keys are not checked, so any machine that answers gets what is sent. Where another key is known, no secret is sent.',
  'connect/host-key-unknown':
    'The host is in no known_hosts file. Check its fingerprint, then add it, or set `host_keys: accept-new`.',
  'connect/jump': 'A jump is not written as `user@host:port`.',
  'connect/jump-loop': 'The jumps to a host form a circle.',
  'connect/keeper': 'A warning: the process that keeps connections for the next run is not there.',
  'connect/known-hosts-unwritten': 'A warning: a new host key could not be saved.',
  'connect/lock-busy':
    'Another run works on the host and did not end in time. Nothing was done there.',
  'connect/lock-foreign':
    'A warning: the folder of locks on a host belongs to another user, so the lock is held on this controller.',
  'connect/lock-none':
    'A warning: this controller cannot keep a lock, so two runs may meet on a host without flock.',
  'connect/lock-waiting': 'A warning: an apply waits for another run that works on its host.',
  'connect/openssh-missing': 'A host has `transport: openssh`, and this machine has no ssh.',
  'connect/openssh-password':
    'A host has `transport: openssh` and a password or a passphrase in the inventory; that transport sends none.',
  'connect/secret-withheld':
    'The host showed another key than the known one and `host_keys: off` goes on, but no password, token or other secret is sent there.',
  'connect/service': 'The inventory has no service of that name.',
  'connect/ssh-config': 'A line of the ssh_config is wrong.',
  'connect/ssh-config-undone':
    'A warning: the ssh_config asks for something that the transport `ssh2` does not do.',
  'connect/ssh-config-unsupported':
    'A line of the ssh_config would change how a host is reached, and the transport `ssh2` does not support it. trueup never ignores it: the hint says what to do.',
  'connect/tls-untrusted':
    'The certificate of a service is not signed by a trusted authority. Name one with `ca:`.',
  'connect/tls-unverified':
    'A warning: the certificate of a service is not verified, so any machine that answers gets the token.',
  'connect/token-expired': 'The token of a service has expired.',
  'connect/token-missing': 'The token of a service is not where the inventory says.',
  'connect/token-refused': 'The token endpoint refused the request for a token.',
  'doctor/host': 'A host does not answer what playbooks rely on. The message shows its words.',
  'doctor/program': 'A host lacks a program that playbooks start there.',
  'doctor/service': 'A service does not answer as playbooks need it. The message shows its words.',
  'doctor/shape': 'A service answers in a form that the types do not know.',
  'expression/braces': 'Expressions are written without `{{ }}`.',
  'expression/failed': 'An expression could not be computed from its values.',
  'expression/jinja': 'This is Jinja; conditions are CEL. The hint has the CEL spelling.',
  'expression/missing': 'An expression uses something that has no value.',
  'expression/not-boolean': 'A condition gives something else than true or false.',
  'expression/not-set-yet': 'An expression names a register of a later task.',
  'expression/pattern':
    'A text given to matches() is not a pattern, or the pattern is not supported.',
  'expression/result': 'An expression gives something that a playbook cannot hold.',
  'expression/syntax': 'An expression cannot be read.',
  'expression/too-much':
    'An expression does too much work and was stopped: nested loops, or a text that grows.',
  'expression/type':
    'An expression does not fit the types of its values, or names a function that does not exist.',
  'expression/unknown-field': 'An expression names a field that its value does not have.',
  'expression/unknown-name':
    'An expression names something that is not an input, a var, a register or a fact.',
  'guard/moved':
    'Something changed on the host between the decision and the action, so nothing was done. Run again to decide with fresh readings.',
  'include/loop': 'A file includes itself.',
  'include/not-tasks': 'An included file is not a list of tasks.',
  'input/default': 'The default of an input does not fit its declaration, or it is a secret.',
  'input/missing': 'An input without a default was not given. Give it with `-e`.',
  'input/unknown': 'The playbook has no input of that name.',
  'input/value': 'The value of an input does not fit its declaration.',
  'internal/defect':
    'A defect of trueup or of a resource type, not of your playbook. Please report it.',
  'inventory/address': 'An address is not a host name and not an IP address.',
  'inventory/alias': 'A warning: two nodes have the same alias. The first keeps it.',
  'inventory/by':
    'The expression of `by` gives a map on some host: groups are named by texts, numbers, true or false.',
  'inventory/clear-token': 'A warning: a token is sent unencrypted.',
  'inventory/empty': 'The inventory has no host.',
  'inventory/empty-folder': 'The inventory folder has no YAML or JSON file and no program.',
  'inventory/group-cycle': 'Groups contain each other.',
  'inventory/group-name': 'A name that a group cannot have.',
  'inventory/host-keys-off': 'A warning: host keys are not verified.',
  'inventory/host-name': 'A name that a host cannot have.',
  'inventory/ini': 'The inventory is an INI file. Convert it to YAML with the command of the hint.',
  'inventory/json': 'The text is not valid JSON.',
  'inventory/jump': 'A jump does not name a host.',
  'inventory/name-twice': 'A group and a host have the same name.',
  'inventory/no-file': 'The inventory that was named does not exist or cannot be read.',
  'inventory/no-group': 'No group has that name.',
  'inventory/no-host': 'No host has that name.',
  'inventory/no-match': 'A pattern matches no host. It never means all hosts.',
  'inventory/not-a-node': 'The name of a BMC or another component stands where a node is expected.',
  'inventory/not-asked': 'A source of the inventory was not asked, so its hosts are unknown.',
  'inventory/not-cached':
    'A warning: the answer of a source was not cached, because it seems to hold a secret or cannot be written.',
  'inventory/not-read': 'A warning: trueup does not use a file, a var or a word of the inventory.',
  'inventory/not-text': 'An inventory file is not UTF-8 text.',
  'inventory/open-secret': 'A warning: other users can read a file that holds a secret.',
  'inventory/pattern': 'A pattern of hosts is not valid.',
  'inventory/plain-secret':
    'A warning: a secret is written in the inventory itself. Take it from a file or the environment.',
  'inventory/program-failed':
    'A program that should print an inventory failed, or did not end in time. The message shows its own words.',
  'inventory/program-said':
    'A warning: a program that prints an inventory wrote to its standard error.',
  'inventory/program-unnamed':
    'An inventory folder that the command did not name holds a program. trueup runs it only where `-i` names the folder or the program.',
  'inventory/range-ambiguous': 'It is not clear which digits a range counts.',
  'inventory/range-bracket': 'A bracket of a range is not opened or not closed.',
  'inventory/range-empty': 'A range lacks a number.',
  'inventory/range-padding': 'The ends of a range are padded with zeros to different widths.',
  'inventory/range-reversed': 'A range runs backwards.',
  'inventory/range-step': 'The step of a range is 0.',
  'inventory/range-syntax': 'A part of a range is not a number and not a range of numbers.',
  'inventory/range-too-large': 'A range stands for too many names.',
  'inventory/reserved': 'The name of a group is reserved.',
  'inventory/secret': 'A secret is given in more than one way, or in no way.',
  'inventory/service-name': 'A name that a service cannot have.',
  'inventory/service-url': 'The URL of a service is missing or wrong.',
  'inventory/shape': 'A part of the inventory has the wrong shape: a map is expected there.',
  'inventory/site-var':
    'A warning: other tools take this name for a setting of the connection. Here it is a var of the site and does not change how the host is reached; `ansible_user` and the like do.',
  'inventory/source': 'A `source:` is not valid, or names no program.',
  'inventory/source-answer':
    'The cached answer of a source is not complete. Ask again with `--refresh-inventory`.',
  'inventory/source-failed':
    'A service did not answer a source. `--cached-inventory` uses the answer from before.',
  'inventory/source-service': 'A source asks a service that the inventory does not have.',
  'inventory/ssh-arguments':
    'An argument of `ansible_ssh_common_args` is not supported. The hint has the setting that means the same.',
  'inventory/template': 'An inventory is data: it has no templates.',
  'inventory/template-text':
    'A warning: a value of a foreign inventory is a template of Ansible. It is a text here.',
  'inventory/token': "The source of a service's token is not valid.",
  'inventory/unknown-key': 'The inventory does not have that key there.',
  'inventory/value': 'A setting of the inventory has a value that it cannot have.',
  'inventory/var-name': 'A name that a var cannot have.',
  'lab/already-up': 'A lab is up in that folder.',
  'lab/broken': 'The lab failed. This is a defect of the lab.',
  'lab/fault': 'The fault is not one that the lab knows.',
  'lab/folder': 'The lab cannot use that folder.',
  'lab/no-shell': 'The lab needs a package that is not installed. The hint installs it.',
  'lab/no-such-node': 'The lab has no node of that name.',
  'lab/not-down': 'The lab did not stop.',
  'lab/not-up': 'No lab runs there, or it did not start.',
  'lab/refused':
    'A service of the lab refused a request of lab.yaml, so it does not hold what the request says.',
  'lab/release': 'The lab does not know that CSM release.',
  'lab/with-file':
    'A file of the folder that `--with` names is missing, is not a plain file, or nothing names it.',
  'lab/with-folder': 'The folder that `--with` names cannot be used.',
  'lab/with-module':
    'A module of the folder that `--with` names cannot be loaded, or exports no routes.',
  'lab/with-name': 'A name in lab.yaml is taken, is not known, or is not one.',
  'lab/with-route': 'A route or a request of lab.yaml cannot be answered as it is written.',
  'lab/with-script': 'A script of the folder that `--with` names cannot run on a node of the lab.',
  'lab/with-value': 'A value in lab.yaml is not of the form that it needs.',
  'manifest/action':
    'An action of a manifest is missing, is written twice, or has a key of another kind of action.',
  'manifest/empty': 'The manifest is empty.',
  'manifest/field':
    'A manifest names a field that its state does not have or that cannot be wanted, or omits one.',
  'manifest/from': 'An observed field names a probe that does not exist.',
  'manifest/guard': 'A change destroys something and has no guard, or its guard is not a probe.',
  'manifest/identity': 'No param of a manifest says which thing is meant.',
  'manifest/name':
    'A name of a manifest cannot be used: taken, reserved, or with characters that names do not have.',
  'manifest/observe': 'An observed field is not taken from its reading in exactly one valid way.',
  'manifest/param':
    'A param of a manifest contradicts itself, or names a param that does not exist.',
  'manifest/probe':
    'A probe of a manifest has a key of another kind of probe, lacks one, or has a time that is not a duration.',
  'manifest/probe-order':
    'Probes wait for each other in a circle, or need more rounds than a type has.',
  'manifest/regexp': 'A regular expression of a manifest cannot be read.',
  'manifest/repair':
    'No change repairs a wanted field of a manifest, or a manifest has changes and wants nothing.',
  'manifest/secret': 'A manifest puts a secret where it would be shown.',
  'manifest/settle': 'A manifest waits without a time limit, or its duration is not valid.',
  'manifest/text': 'A manifest needs a text there.',
  'manifest/wish': 'A manifest wants a value that its field can never have.',
  'param/duration': 'A duration is not written as `30s`, `5m` or `1h30m`.',
  'param/empty': 'A param, a list or a text is empty where it may not be.',
  'param/format': 'A text does not have the format of its param. The message says what it wants.',
  'param/idle': 'A param has no effect beside the others that are given.',
  'param/line': 'A text that becomes one line contains a line end.',
  'param/local-file':
    'A local file cannot be read. Its path is relative to the folder of the playbook.',
  'param/local-folder':
    'The answer of a host would name a folder of this machine. Only inputs, vars of the inventory and `host.name` may be used there.',
  'param/matcher': 'A matcher is not valid.',
  'param/missing': 'A required param is missing.',
  'param/mode': 'A file mode is not octal digits in quotes.',
  'param/not-a-map': 'The params of a type are not a map.',
  'param/path': 'A path is not absolute.',
  'param/pattern': 'A text does not have the form that the param wants.',
  'param/range': 'A number is too small or too large.',
  'param/secret': 'A param that would show its value got a secret.',
  'param/size': 'A size is not written as `512`, `50G` or `1.5T`.',
  'param/template': 'The file of a template cannot be known before the run.',
  'param/together': 'Params were given that exclude each other.',
  'param/type':
    'A value has another type than the param. What YAML takes for a number may need quotes.',
  'param/unknown': 'The type does not have that param.',
  'param/value': 'The param does not accept that value.',
  'param/xname': 'A name is not an xname, or it names another kind of component.',
  'plan/edited': 'A saved plan was edited after it was made.',
  'plan/input': 'A saved plan holds its inputs; only secret inputs are given again.',
  'plan/moved':
    'The state is not as the saved plan found it, so nothing was done on this host. Make a new plan.',
  'plan/not-a-plan': 'A file is not a saved plan, or not a complete one.',
  'plan/not-read': 'A saved plan cannot be read.',
  'plan/not-written': 'A saved plan cannot be written.',
  'plan/own-approval':
    'A saved plan is signed by the user who applies it, and another person must approve it.',
  'plan/too-old': 'A saved plan is older than `--max-age` allows.',
  'plan/unseen-destruction':
    'A task that was unknown when the plan was saved would destroy something that the plan does not show.',
  'plan/version': 'A saved plan has the format of another version.',
  'play/handler': 'A handler is not one task with a sentence of its own.',
  'play/meet-at-end':
    'A play has `meet_at_end: false`, and something makes its hosts wait for each other all the same, or no play follows.',
  'play/no-hosts': 'A play does not say its hosts.',
  'play/no-name': 'A play does not say what it makes true.',
  'play/no-tasks': 'A play has no tasks.',
  'play/not-a-map': 'A play is not a map.',
  'play/unknown-key': 'A play does not have that key.',
  'playbook/comment':
    'A ` #` cuts off a sentence or a condition. Quote the text, or put the comment on a line of its own.',
  'playbook/condition':
    'A condition is missing, or is something else than a text or a list of texts.',
  'playbook/empty': 'The file is empty.',
  'playbook/name':
    'A name that cannot be used here: reserved, taken, or with characters that names do not have.',
  'playbook/no-file':
    'A file that the playbook names cannot be read. Paths are relative to the file that names them.',
  'playbook/no-plays': 'The playbook has no plays.',
  'playbook/no-title': 'The playbook has no title: begin with `playbook:`.',
  'playbook/not-a-playbook': 'A playbook is a map with `playbook`, `inputs` and `plays`.',
  'playbook/requires':
    'A playbook is written for other versions of trueup, or `requires` is not a range of versions.',
  'playbook/self-reference': 'A var is computed from itself, directly or through others.',
  'playbook/type-name': 'A resource type has the name of a keyword.',
  'playbook/unknown-key': 'A playbook, or the declaration of an input, does not have that key.',
  'playbook/value': 'A keyword has a value of the wrong kind; the message says what it wants.',
  'read/denied':
    'The user may not read something there. Become a user who may, with `become: true`.',
  'read/exit': 'A command that reads ended with an exit that is not an answer.',
  'read/io': 'The host could not read a file or a folder. The message shows the reason.',
  'read/lost': 'The host stopped answering before something was read.',
  'read/missing-tool': 'The host lacks a tool that the reading needs.',
  'read/not-text': 'A file or an answer is not UTF-8 text.',
  'read/status': 'A service answered with a status that is not an answer.',
  'read/timeout': 'Reading took longer than its time limit.',
  'read/too-deep':
    'An answer nests lists and maps too deeply to be compared and shown: more than 200 levels. Read a part of it.',
  'read/too-large': 'A reading is larger than its limit. trueup never cuts it.',
  'read/unanswered':
    'A command that reads failed, or a service answered with an error. `rc` and `status_code` say what counts as an answer.',
  'read/unclear':
    'The answer of a command or a service is not one that the type understands. The message shows it.',
  'run/budget':
    'A warning: more hosts failed or could not be reached than the play allows, so the run ended.',
  'run/changed-since':
    'The playbook or the inventory changed after the run that `resume --strict` should resume.',
  'run/failed-when': '`failed_when` holds, so the task failed.',
  'run/failures-gather':
    'A warning: most failures of a rolling play are in one chassis or cabinet, so trueup began no further hosts.',
  'run/interrupted': 'The run was interrupted while a task waited, or at a question.',
  'run/limit': 'The limit matches no host of any play. It never means all hosts.',
  'run/log-damaged': 'A run log was damaged or edited.',
  'run/log-to':
    'A warning: a log outside did not take all records of the run. The run itself is not affected.',
  'run/log-unwritten':
    'A warning: the run log can no longer be written, so the run cannot be resumed from there on.',
  'run/log-version': 'A run log was written by a later version.',
  'run/loop': '`loop` gives something else than a list or a map.',
  'run/no-log': 'No run log has that name, or several do.',
  'run/no-terminal':
    'A person must confirm a step, and trueup does not run in a terminal and cannot ask. Use `--yes`.',
  'run/not-confirmed': 'A step was not confirmed.',
  'run/not-registered':
    'A task reads a register, and the task that sets it did not run on this host.',
  'run/not-resumable':
    'That run cannot be resumed: it was a plan, it applied a saved plan and owes no handler, it still goes on, or another command resumes it.',
  'run/not-settled': 'The change was made, and the task did not become true in its time.',
  'run/output-lost':
    'A warning of the run log: the output of the run could no longer be written, so the run began nothing new.',
  'run/owed':
    'A warning: an earlier run of this playbook left handlers unpaid on some of these hosts. `trueup resume RUN` pays them.',
  'run/refused': 'The type refuses to repair this difference. The hint says what to do instead.',
  'run/required':
    'The state that `require` asks for does not hold: the message says what is there and what is wanted.',
  'run/second-step': 'After its change the task needs another kind of change: write two tasks.',
  'run/self-reference': 'A var is computed from itself.',
  'run/still-differs': 'The change was made, and the state still differs.',
  'run/undone':
    'A task undid what an earlier task of the same play had just made true. Say once what is wanted, or allow it with `# trueup: allow advice/contradiction`.',
  'run/unknown-delegate': '`delegate_to` does not name a host of the inventory.',
  'run/unreachable': 'The host or the service could not be reached, or the connection was lost.',
  'run/waited': 'The state that `wait` waits for did not come in its time.',
  'schema/missing-key': 'A key is missing.',
  'schema/type': 'A value is of the wrong type.',
  'schema/unknown-key': 'The key is not known there.',
  'schema/value': 'The value is not allowed there.',
  'sign/failed': 'ssh-keygen did not sign a file. The message shows its words.',
  'sign/no-program': 'ssh-keygen cannot be started. It comes with OpenSSH 8.2 or later.',
  'sign/not-read': 'A signature, what it signs, or the file of signers cannot be read.',
  'sign/unknown-signer': 'A file is signed by a key that the file of signers does not name.',
  'sign/wrong': 'A signature does not fit its file: the file was changed after it was signed.',
  'task/become': '`become_user` stands without `become`.',
  'task/event': 'An event such as `restarted` is not a state. Use it in a handler.',
  'task/keyword': 'A keyword does not go with this verb or this kind of task.',
  'task/loop': '`loop` is neither a list nor a map.',
  'task/no-block': '`rescue` or `always` stands without `block`.',
  'task/no-type': 'A task has a verb and no resource type.',
  'task/no-verb': 'A task has no verb.',
  'task/not-a-map': 'A task is not a map.',
  'task/notify': 'No handler of the play has that sentence.',
  'task/several-types': 'A task has more than one resource type.',
  'task/several-verbs': 'A task has more than one verb.',
  'task/unknown-key': 'A key is not a keyword and not a resource type.',
  'task/verb': 'The resource type does not work with this verb.',
  'template/arguments': 'A function or a block of a template has the wrong arguments.',
  'template/missing': 'A name in a template has no value.',
  'template/not-a-list': '`{{#each}}` got neither a list nor a map.',
  'template/not-set-yet': 'A template names a register of a later task.',
  'template/not-text': 'A list, a map or a missing value stands inside a text.',
  'template/refused': 'trueup does not support that part of Handlebars.',
  'template/syntax': 'A template cannot be read.',
  'template/too-large': 'A template renders too much.',
  'template/too-much': 'A template does too much work and was stopped: nested loops.',
  'template/unknown-field': 'A template names a field that its value does not have.',
  'template/unknown-function': 'A template names a function that does not exist.',
  'template/unknown-name':
    'A template names something that is not an input, a var, a register or a fact.',
  'trust/others':
    'A user other than root and you could have written a file that decides what trueup does, so trueup does not use it. The hint says what to type.',
  'type/defect': 'A resource type broke its contract. Report it to its author.',
  'type/export': 'A module does not export what a resource type is made of.',
  'type/import': 'A type of a site imports something else than the contract.',
  'type/load': 'The module of a type cannot be loaded.',
  'type/name': 'The name of a type is taken, or is not a valid name.',
  'type/too-long': 'A function of a type of your own did not return in time and was stopped.',
  'type/typescript':
    'This Node cannot read TypeScript. Use a newer one, or write the type in JavaScript.',
  'yaml/alias': 'An alias has no anchor, contains itself, or expands to too much.',
  'yaml/depth': 'The file is nested too deeply.',
  'yaml/duplicate-key': 'A map has a key twice.',
  'yaml/forbidden-key': 'The key is not allowed in any map.',
  'yaml/key': 'A key is not a text.',
  'yaml/merge': 'YAML 1.2 has no merge key `<<`.',
  'yaml/nul': 'The file is binary, or not UTF-8.',
  'yaml/number-form':
    'A warning: a number without quotes does not come out as it is written: 1.10 is 1.1 and 08 is 8.',
  'yaml/several-documents': 'The file holds more than one document.',
  'yaml/syntax': 'The file is not valid YAML.',
  'yaml/tab': 'A tab stands where spaces are needed.',
  'yaml/tag': 'The tag is not known. The tags are `!raw` and `!expr`.',
  'yaml/too-large': 'The file is too large.',
  'yaml/truth-word':
    'A warning: yes, no, on or off without quotes is a text here; YAML 1.1, and so Ansible, takes it for true or false.',
  'yaml/unquoted-template': 'YAML takes an unquoted `{{ … }}` for a map. Quote it.',
  'yaml/vault':
    'A file or a value is encrypted by ansible-vault. As inputs (`-e @FILE`) it is opened with the password in the file that `TRUEUP_VAULT_PASSWORD_FILE` names; elsewhere give it as inputs, or in a file that only you may read.',
  'yaml/version': 'The file declares another version of YAML than 1.2.',
} as const

/** The code of a diagnostic: an entry of the table. */
export type Code = keyof typeof codes
