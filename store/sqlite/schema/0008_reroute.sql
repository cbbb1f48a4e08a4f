-- Why a delivery is parked: 0 for one that waits, as package store numbers the
-- reasons; what an earlier release parked had used up its attempts, as far as is
-- known. A delivery that was released to leave its line says so.
ALTER TABLE delivery ADD COLUMN why INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN leaves INTEGER NOT NULL DEFAULT 0;
UPDATE delivery SET why = 1 WHERE parked;
