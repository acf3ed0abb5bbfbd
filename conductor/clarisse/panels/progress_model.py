"""What the progress window says."""

from __future__ import annotations

from conductor.lib.progress import Progress, size_text


def time_text(seconds: float) -> str:
    """``42 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = int(round(seconds))
    if whole < 60:
        return "%d s" % whole
    if whole < 3600:
        return "%d min %02d s" % divmod(whole, 60)
    return "%d h %02d min" % divmod(whole // 60, 60)


def progress_text(progress: Progress | None) -> str:
    """``Uploading: 3 of 12 files, 1.0 MB of 4.0 MB, 2.0 MB/s, 2 s left``."""
    if progress is None:
        return "Starting"
    parts = []
    if progress.files_total:
        parts.append("%d of %d files" % (progress.files_done, progress.files_total))
    if progress.bytes_total:
        sizes = size_text(progress.bytes_done), size_text(progress.bytes_total)
        parts.append("%s of %s" % sizes)
    if progress.bytes_done and progress.rate:
        parts.append(size_text(progress.rate) + "/s")
        if progress.left_s is not None:
            parts.append(time_text(progress.left_s) + " left")
    stage = progress.stage[:1].upper() + progress.stage[1:]
    return "%s: %s" % (stage, ", ".join(parts)) if parts else stage


def percent(progress: Progress | None) -> int:
    """How much is done, from 0 to 100: by bytes, by files where these are not known."""
    if progress is None:
        return 0
    done, total = progress.bytes_done, progress.bytes_total
    if not total:
        done, total = progress.files_done, progress.files_total
    return max(0, min(100, 100 * done // total)) if total else 0
