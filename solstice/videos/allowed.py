"""The only protocol, containers and codecs a stranger's file may use, on probing and rendering.

Everything FFmpeg knows is reachable by a file's content, whatever its name: playlists that open
other files and the network, and some four hundred decoders, most of them rarely read by anybody.
What phones, cameras, browsers and editors write is a short list.  Standard library only: the
probing child reads it.  Why: docs/decisions/0021.
"""

PROTOCOLS = "file"

# Demuxers as FFmpeg names them, and the single name to force once a file has been probed.
CONTAINERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": "mov",
    "matroska,webm": "matroska",
    "avi": "avi",
    "mpegts": "mpegts",
}

VIDEO_DECODERS = frozenset(
    {
        "h264",
        "hevc",
        "vp8",
        "vp9",
        "libdav1d",
        "mpeg4",
        "mpeg2video",
        "h263",
        "mjpeg",
        "prores",
    }
)

AUDIO_DECODERS = frozenset(
    {
        "aac",
        "mp3float",
        "mp3",
        "mp2float",
        "mp2",
        "opus",
        "vorbis",
        "ac3",
        "eac3",
        "flac",
        "alac",
        "amrnb",
        "amrwb",
        "pcm_alaw",
        "pcm_f32be",
        "pcm_f32le",
        "pcm_mulaw",
        "pcm_s16be",
        "pcm_s16le",
        "pcm_s24be",
        "pcm_s24le",
        "pcm_s32be",
        "pcm_s32le",
        "pcm_s8",
        "pcm_u8",
    }
)

FORMAT_WHITELIST = ",".join(CONTAINERS)
CODEC_WHITELIST = ",".join(sorted(VIDEO_DECODERS | AUDIO_DECODERS))

OPEN_OPTIONS = {
    "protocol_whitelist": PROTOCOLS,
    "format_whitelist": FORMAT_WHITELIST,
    "codec_whitelist": CODEC_WHITELIST,
}
