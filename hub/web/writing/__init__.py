"""The pages where notices are written, looked at, released and followed up; in the office's languages."""

from __future__ import annotations
