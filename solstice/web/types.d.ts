// The shapes `/v1` answers with, as the scripts see them. The server's structs are the source.
export {};
declare global {
  interface AccountSummary { id: string; name: string; display_name: string; avatar_url: string | null; follower_count?: number | null }
  interface Rendition { url: string; width: number; height: number; short_side: number; bitrate_bps: number; codecs: string; size_bytes: number }
  interface CaptionTrack { language: string; label: string; url: string }
  interface VideoCard {
    id: string; creator: AccountSummary; caption: string; hashtags: string[]; published_at: string; duration_ms: number;
    width: number; height: number; poster_url: string; thumb_url: string; placeholder: string | null;
    renditions: Rendition[]; captions: CaptionTrack[]; visibility: "public" | "followers" | "private";
    like_count: number | null; comment_count: number | null; view_count: number | null; bookmark_count: number | null; share_count: number | null;
    page_url: string;
  }
  interface ViewerMarks { liked: string[] | null; bookmarked: string[] | null; following: string[] | null }
  interface Page { items: VideoCard[]; next_cursor: string | null; viewer: ViewerMarks | null }
  interface Hashtag { tag: string; video_count: number }
  interface Discovery { hashtags: Hashtag[]; accounts: AccountSummary[] }
  interface Listing<T> { items: T[]; next_cursor: string | null }
  interface Profile extends AccountSummary {
    bio: string; created_at: string; follower_count: number | null; following_count: number | null; video_count: number | null; like_count: number | null;
    viewer: { follows: boolean; blocks: boolean; mutes: boolean; is_self: boolean } | null;
  }
  interface Me extends AccountSummary { bio: string; role: Role; email: string | null; created_at: string | null; deletion_due_at: string | null; is_partial: boolean }
  type Role = "viewer" | "moderator" | "administrator";
  interface VideoComment {
    id: string; video_id: string; parent_id: string | null; author: AccountSummary; text: string; created_at: string;
    like_count: number | null; reply_count: number | null; viewer: { liked: boolean; can_delete: boolean } | null; is_waiting?: boolean;
  }
  interface StudioVideo {
    id: string; state: "uploading" | "received" | "processing" | "live" | "refused"; received_bytes: number; size_bytes: number;
    queue_position: number | null; progress_percent: number | null; refusal: { code: string; sentence: string } | null;
    caption: string; visibility: "public" | "followers" | "private"; hashtags: string[]; created_at: string; published_at: string | null;
    poster_url: string | null; thumb_url: string | null; placeholder: string | null; duration_ms: number | null; is_hidden: boolean;
    renditions: Rendition[]; captions: CaptionTrack[]; view_count: number | null; like_count: number | null; comment_count: number | null;
    share_count: number | null; watch_time_mean_s: number | null;
  }
  interface Limits { size_bytes_max: number; duration_s_max: number; frame_pixels_max: number; containers: string[]; codecs: string[]; sentence: string }
  interface AccountSession { id: string; created_at: string; last_seen_at: string; user_agent: string; network: string; is_current: boolean }
  interface AppNotification {
    id: string; kind: string; actors: AccountSummary[]; actor_count: number; video_id: string | null; thumb_url: string | null;
    comment_id: string | null; text: string | null; created_at: string; is_read: boolean;
  }
  interface Boot { build: string; viewer: { id: string; name: string; role: Role } | null; site_name: string; status_url: string; data: any }
  interface Problem { type: string; title: string; status: number; detail: string; request_id: string; errors?: { field: string; message: string }[] }
  interface OutboxEntry { id: string; method: "PUT" | "DELETE" | "POST"; path: string; body: unknown; account_id: string; key: string; made_at: number; tries: number }
  interface WatchEvent { id: string; video_id: string; kind: "impression" | "watch" | "skip"; watch_ms: number; loops: number; at: string }
  interface Navigator { connection?: { saveData?: boolean; downlink?: number; effectiveType?: string } }
  interface Window { trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown } } }
  interface ServiceWorkerRegistration { sync?: { register(tag: string): Promise<void> } }
}
