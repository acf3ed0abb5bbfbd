"""What the two documents of the specification promise, one line each, in our own words.

A promise is kept by the tests of this folder that name its id with ``@keeps("id")``; one that no test
keeps fails the tests.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    """One promise."""

    id: str
    document: str
    text: str


def _rows(document: str, rows: str) -> tuple[Promise, ...]:
    """One promise a line: ``id | text``."""
    pairs = [row.split("|") for row in rows.strip().splitlines()]
    return tuple(Promise(name.strip(), document, text.strip()) for name, text in pairs)


SUBMITTER = _rows("Clarisse submitter", """
class-in-project | ConductorJob is a class of items that live in the project
many-jobs | a project may hold several ConductorJobs with different settings
many-images | one job renders several images
settings-saved | what is set on a ConductorJob is saved with the project and there when it is opened again
startup-script | the startup script registers the class when Clarisse starts
startup-import | importing startup in the script editor registers it without a restart
create-and-new-menu | ConductorJob is offered in Create and in New
tool-tips | hovering over any attribute name describes it
not-set | before the first contact the project menu holds only "- not set -"
refresh-fills-menus | Refresh signs in and fills projects, instance types and packages
refresh-asks-to-sign-in | Refresh prompts for a browser sign-in where there are no credentials
frames-info | frames_info tells which frames are submitted and how many are scouted
package-detected | the package of the running Clarisse is detected
preview-shows-parameters | Preview shows the parameters that would be submitted
submit-sends | Submit sends the job to Conductor
title-expression | the title is an expression of Clarisse and Conductor variables
title-example | the title of path, job and sequence gives "/path/to/project job 1-10"
images-render-to-disk | images must have Render to Disk on
images-save-as | images must have a Save As with a filename
images-eye | an image disabled by its eye button is left out
project-vanished | a project that left the account is reported, never swapped for another
custom-frames-ignore-ranges | with custom frames the ranges of the images are ignored
own-ranges | without custom frames each image keeps its own range
chunk-renders-own-frames | each task renders for each image only that image's frames of the chunk
custom-frames-grammar | custom frames are a comma-separated list of progressions
custom-frames-not-negative | negative frames are refused with the place
chunk-size | a chunk is the set of frames of one task
best-chunk-size | best_chunk_size evens the chunks out and keeps their number: 100 frames at 33 give 25
scout-frames | tasks with scout frames start, the others are held
scout-whole-tasks | a scouted task renders its whole chunk
preemptible | the job may run on preemptible instances
instance-type | the chosen instance type is sent
retries | failed tasks are retried so many times
scan-none | No Scan finds no dependencies
scan-smart-hashes | Smart Sequence finds the files of a #### name that the frames need
scan-smart-variable | Smart Sequence resolves $F and $4F for the frames rendered
scan-smart-no-arithmetic | an expression such as $F * 2 is not resolved
scan-smart-example | 20 frames of 1,000 with an offset of -100 give 0101 to 0120
scan-glob | Glob finds every file on disk that matches the pattern
scan-references | contexts that reference other projects are not uploaded, they are in the render package
local-upload-off | with local_upload off an upload daemon brings the files
force-upload | force_upload sends every file again
upload-only | upload_only uploads and starts no task
extra-uploads | extra uploads are sent beside what the scan finds
extra-uploads-panel | manage_extra_uploads opens a panel to browse or scan
packages | the chosen packages reach the job as ids and environment
choose-packages-panel | choose_packages opens the package chooser
extra-environment | extra environment is JSON and reaches the job
extra-environment-panel | manage_extra_environment opens its panel
task-template | task_template makes the command of each task
notify | notified by e-mail: the addresses reach the job
variables-exist | all CT_ variables exist from registration on
variables-global | CT_RENDER_PACKAGE, CT_PDIR and CT_SCRIPT_DIR are the same for every job
variables-job | each job-scope variable has the form of its example
variables-task | each task-scope variable has the form of its example
quick-start | the quick start, followed word for word, ends in a submitted job
""")

PYTHON_API = _rows("Python API", """
set-logging | set_logging sets the level of the client's log
request-packages | request_software_packages lists packages with id and relative path
package-ids | packages are chosen by package_id
package-list-script | the script that lists package ids runs
merge-environments | merge_package_environments merges packages with the user's environment
submit-main | Submit(args).main() gives the response and its code
submit-201 | the answer is 201 with body, jobid, status and uri
submit-script | the quick start script runs as printed
arg-autoretry_policy | autoretry_policy is sent
arg-chunk_size | chunk_size is sent
arg-cores | cores with machine_flavor choose the instance type
arg-enforced_md5s | enforced_md5s go with a job that a daemon uploads
arg-environment | environment reaches the task
arg-job_title | job_title is the job's title; title is taken for it too
arg-local_upload | local_upload False leaves the upload to a daemon
arg-location | location is sent
arg-machine_flavor | machine_flavor with cores chooses the instance type
arg-metadata | metadata is sent
arg-notify | notify is sent as a list of addresses
arg-output_path | files written below output_path are the outputs
arg-preemptible | preemptible is sent
arg-priority | priority is sent
arg-project | project is sent
arg-scout_frame | tasks with scout frames start, the others are held
arg-software_package_ids | software_package_ids are sent
arg-tasks_data | one task for each entry, with its command and frames
arg-upload_paths | files and directories are uploaded
""")

PROMISES = SUBMITTER + PYTHON_API
